import assert from 'node:assert/strict';
import type { Display, DisplayPart, Explanation, Picture, Places } from '../task/display.ts';

/** Checks a picture: a size in whole pixels, and three bytes for each of them. `whose`: what gave it, for the error. */
export function checkPicture({ width, height, rgb }: Picture, whose: string): void {
  assert.ok(
    [width, height].every((size) => Number.isInteger(size) && size >= 1),
    `${whose}: width and height must be whole numbers >= 1, received ${width} and ${height}`,
  );
  assert.ok(rgb instanceof Uint8Array, `${whose}: rgb must be a Uint8Array`);
  assert.equal(rgb.length, 3 * width * height, `${whose}: rgb must hold three bytes a pixel`);
}

/** Checks a display: some parts, each whole, of finite numbers. */
export function checkDisplay(display: Display, whose: string): void {
  assert.ok(display.length > 0, `${whose}: a display must have a part`);
  for (const part of display) checkPart(part, `${whose}, ${part.kind}`);
}

function checkPart(part: DisplayPart, whose: string): void {
  switch (part.kind) {
    case 'picture':
      checkPicture(part, whose);
      break;
    case 'film': {
      const { width, height, frames, perSecond, captions, marks } = part;
      assert.ok(frames.length > 0, `${whose}: must have a frame`);
      for (const rgb of frames) checkPicture({ width, height, rgb }, whose);
      assert.ok(perSecond > 0 && Number.isFinite(perSecond), `${whose}: perSecond must be > 0, received ${perSecond}`);
      if (captions !== undefined) assert.equal(captions.length, frames.length, `${whose}: must have a caption a frame`);
      if (marks === undefined) break;
      assert.equal(marks.length, frames.length, `${whose}: must have a list of marks a frame`);
      for (const { row, column, size, says = 0 } of marks.flat()) {
        assert.ok(
          size > 0 && row >= 0 && row <= height && column >= 0 && column <= width && Number.isFinite(says),
          `${whose}: a mark must lie in the picture, received ${JSON.stringify({ row, column, size, says })}`,
        );
      }
      break;
    }
    case 'sound': {
      assert.ok(part.sampleRate > 0, `${whose}: sampleRate must be > 0, received ${part.sampleRate}`);
      assert.ok(part.samples.length > 0, `${whose}: must have samples`);
      assert.ok(
        part.samples.every((sample) => Math.abs(sample) <= 1),
        `${whose}: samples must be numbers from -1 to 1`,
      );
      break;
    }
    case 'curve':
      assert.ok(
        part.values.length > 0 && part.values.every(Number.isFinite),
        `${whose}: values must be finite numbers`,
      );
      break;
    case 'words':
      assert.equal(typeof part.text, 'string', `${whose}: text must be a string`);
  }
}

/** Checks that places are among so many: a picture shows no others, and there are no more words and as many columns. */
export function checkPlaces(places: Places, count: number, whose: string): void {
  switch (places.kind) {
    case 'picture': {
      const { picture, placeOf } = places;
      checkPicture(picture, whose);
      const shown = Array.from({ length: picture.height * picture.width }, (_, i) =>
        placeOf(Math.floor(i / picture.width), i % picture.width),
      );
      const strange = shown.find((place) => !(Number.isInteger(place) && place >= 0 && place < count));
      assert.equal(strange, undefined, `${whose}: placeOf() must give a number from 0 to ${count - 1}`);
      break;
    }
    case 'words':
      assert.ok(
        places.words.length >= 1 && places.words.length <= count,
        `${whose}: must have 1 to ${count} words, received ${places.words.length}`,
      );
      break;
    case 'columns':
      assert.equal(places.columns.length, count, `${whose}: must have a column for each place`);
  }
}

/** Checks an explanation: words, a probability where there is one, and no judgement where there is no target. */
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
