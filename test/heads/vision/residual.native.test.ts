import { startRuntime } from 'banyan-ml';
import { horizontalFlip, residualStem } from 'banyan-ml/heads/vision';
import { RandomStream } from 'banyan-ml/plugin';
import { runStemContract } from 'banyan-ml/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from '../fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const random = new RandomStream(1, 'images');
const size = { height: 8, width: 12, channels: 2 };
const floats = Array.from({ length: 3 }, () => Float32Array.from({ length: 192 }, () => random.normal()));
const bytes = Array.from({ length: 3 }, () => Uint8Array.from({ length: 192 }, () => random.integer(256)));
const small = { ...size, entry: [3, 4], filters: [5] } as const;

describe('residualStem', () => {
  it.each([
    ['of its own', residualStem(size)],
    ['few channels', residualStem({ ...small, augment: [horizontalFlip()], positions: 'sinusoidal' })],
    ['no stride, no positions', residualStem({ ...small, stride: 1, filters: [], positions: 'none' })],
  ])('keeps the contract of a stem, for floats and for bytes: %s', async (_, stem) => {
    await runStemContract(stem, { examples: floats });
    await runStemContract(stem, { examples: bytes });
    expect(stem.modality).toBe('vision');
  });

  it('halves an image by its stride and by each of its steps, rounding up', () => {
    const positions = (options: object) => residualStem({ ...small, ...options })(freshContext()).positions;
    // 8 x 12 becomes 4 x 6, 2 x 3, 1 x 2.
    expect(positions({})).toBe(2);
    expect(positions({ stride: 1 })).toBe(6);
    expect(positions({ stride: 1, filters: [] })).toBe(24);
    const photograph = residualStem({ height: 299, width: 299, channels: 3 })(freshContext());
    expect(photograph.positions).toBe(19 * 19);
    const little = residualStem({ height: 32, width: 32, channels: 3, stride: 1 })(freshContext());
    expect(little.positions).toBe(16);
  });

  it('is made with other augmentations, as a file names them', () => {
    const changed = residualStem(small).augmented!(['horizontal-flip', { kind: 'shift', share: 0.2 }]);
    expect(changed(freshContext()).moves).toBe(true);
    expect(residualStem(small)(freshContext()).moves).toBe(false);
  });

  it('says which option is wrong', () => {
    expect(() => residualStem({ ...small, filters: [0] })).toThrow(
      'residualStem: filters must be a whole number >= 1, received 0.',
    );
    expect(() => residualStem({ ...small, entry: [3] as never })).toThrow(
      'residualStem: entry must be the channels of two convolutions, and stride 1 or 2, received [3] and 2. Correct them.',
    );
    expect(() => residualStem({ ...small, stride: 3 as never })).toThrow('received [3, 4] and 3.');
  });
});
