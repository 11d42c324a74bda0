import assert from 'node:assert/strict';
import type { Display, DisplayPart, Explanation, Picture } from '../task/display.ts';

/** What every picture must keep: a size in whole pixels, and three bytes for each of them. `of`: what it shows. */
export function checkPicture({ width, height, rgb }: Picture, of: string): void {
  assert.ok(
    [width, height].every((size) => Number.isInteger(size) && size >= 1),
    `${of}: width and height must be whole numbers >= 1, received ${width} and ${height}`,
  );
  assert.ok(rgb instanceof Uint8Array, `${of}: rgb must be a Uint8Array`);
  assert.equal(rgb.length, 3 * width * height, `${of}: rgb must hold three bytes a pixel`);
}

/** What every display must keep: some parts, each whole, of finite numbers. */
export function checkDisplay(display: Display, of: string): void {
  assert.ok(display.length > 0, `${of}: a display must have a part`);
  for (const part of display) checkPart(part, `${of}, ${part.kind}`);
}

function checkPart(part: DisplayPart, of: string): void {
  switch (part.kind) {
    case 'picture':
      checkPicture(part, of);
      break;
    case 'film': {
      const { width, height, frames, perSecond, captions } = part;
      assert.ok(frames.length > 0, `${of}: must have a frame`);
      for (const rgb of frames) checkPicture({ width, height, rgb }, of);
      assert.ok(perSecond > 0 && Number.isFinite(perSecond), `${of}: perSecond must be > 0, received ${perSecond}`);
      if (captions !== undefined) assert.equal(captions.length, frames.length, `${of}: must have a caption a frame`);
      break;
    }
    case 'sound': {
      assert.ok(part.sampleRate > 0, `${of}: sampleRate must be > 0, received ${part.sampleRate}`);
      assert.ok(part.samples.length > 0, `${of}: must have samples`);
      assert.ok(
        part.samples.every((sample) => Math.abs(sample) <= 1),
        `${of}: samples must be numbers from -1 to 1`,
      );
      break;
    }
    case 'curve':
      assert.ok(part.values.length > 0 && part.values.every(Number.isFinite), `${of}: values must be finite numbers`);
      break;
    case 'words':
      assert.equal(typeof part.text, 'string', `${of}: text must be a string`);
  }
}

/** What a head says: words, a probability where there is one, and no judgement where there is no target. */
export function checkExplanation({ predicted, confidence, expected, right }: Explanation, labelled: boolean): void {
  assert.ok(predicted.length > 0, 'explain() must name the prediction');
  assert.ok(
    confidence === undefined || (confidence >= 0 && confidence <= 1),
    `confidence must be a probability, received ${confidence}`,
  );
  if (labelled) return;
  assert.equal(expected, undefined, 'explain() must name no target where there is none');
  assert.equal(right, undefined, 'explain() must not judge where there is no target');
}
