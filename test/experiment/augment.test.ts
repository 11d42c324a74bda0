import { clothing, digits, intents, multiClothingLeft, multiClothingRight, notes } from 'banyan-ml/tasks';
import { describe, expect, it } from 'vitest';
import { withAugmentations } from '../../src/experiment/augment.ts';
import { checkExperiment } from '../../src/experiment/load.ts';
import type { AnyTask } from '../../src/index.ts';
import type { StemContext, StemFactory } from '../../src/task/contract.ts';

const experimentOf = (tasks: Readonly<Record<string, unknown>>, more: object = {}) =>
  checkExperiment({
    file: 'e.yaml',
    place: (path) => `e.yaml at ${path.join('.')}`,
    data: { trunk: { kind: 'dense', width: 8, depth: 1 }, tasks, training: { steps: 1, batch: 1 }, ...more },
  });

const change = (tasks: readonly AnyTask[], said: Readonly<Record<string, unknown>>) =>
  withAugmentations(experimentOf(said), tasks);

/** What the stem of a task says that it augments with. */
function augmentationsOf({ stem }: AnyTask): unknown {
  let found: unknown;
  const none = () => undefined;
  const context = {
    width: 8,
    task: 't',
    variable: none,
    asset: none,
    penalty: none,
    settings: (values: { augment?: { config: unknown }[] }, options?: { training?: boolean }) => {
      if (options?.training && values.augment !== undefined) found = values.augment.map(({ config }) => config);
      return values;
    },
  };
  try {
    (stem as StemFactory<unknown>)(context as unknown as StemContext);
  } catch {
    // It wants variables, which come after its settings.
  }
  return found;
}

describe('the augmentations that an experiment names', () => {
  it('stand in the place of those of a coded task, and leave other tasks alone', () => {
    const [first, second, third] = change([clothing, digits, notes], {
      clothing: { augment: ['crop', { kind: 'rotation', degrees: 5 }] },
      digits: null,
      notes: { augment: [{ kind: 'noise', least: 20 }] },
    });
    expect(augmentationsOf(clothing)).toEqual([{ kind: 'horizontal-flip' }]);
    expect(augmentationsOf(first!)).toEqual([
      { kind: 'crop', padding: 4 },
      { kind: 'rotation', degrees: 5 },
    ]);
    expect(second).toBe(digits);
    expect(augmentationsOf(third!)).toEqual([{ kind: 'noise', least: 20, most: 40 }]);
    expect(augmentationsOf(change([clothing], { clothing: { augment: [] } })[0]!)).toEqual([]);
  });

  it('leave tasks with one stem with one stem', () => {
    const both = [multiClothingLeft, multiClothingRight];
    const augment = [{ kind: 'mixup', alpha: 0.4 }];
    const [left, right] = change(both, {
      'multi-clothing-left': { augment },
      'multi-clothing-right': { augment },
    });
    expect(left!.stem).toBe(right!.stem);
    expect(left!.stem).not.toBe(multiClothingLeft.stem);
    expect(() => change(both, { 'multi-clothing-left': { augment }, 'multi-clothing-right': null })).toThrow(
      'e.yaml at tasks.multi-clothing-left.augment: tasks "multi-clothing-left" and "multi-clothing-right" share a stem, expected the same augmentations for both. Write them at both.',
    );
  });

  it('are refused where there are none, and where they are wrong', () => {
    expect(() => change([intents], { intents: { augment: ['noise'] } })).toThrow(
      'e.yaml at tasks.intents.augment: the stem of task "intents" has no augmentations that a file can name, expected one of pictures or sounds. Remove it.',
    );
    expect(() => change([digits], { digits: { augment: [{ kind: 'rotation', degree: 5 }] } })).toThrow(
      'e.yaml at tasks.digits.augment: augmentation of pictures: degree is no option of rotation. Expected one of: kind, degrees. Did you mean "degrees"?',
    );
    expect(() => experimentOf({ digits: { augment: [3] } })).toThrow(
      'must be the name of an augmentation, or a section with kind and its options, received 3.',
    );
    const described = { data: 'd', inputs: ['a'], target: 'b', augment: ['crop'] };
    expect(() => experimentOf({ t: described }, { data: { d: { file: 'd.csv' } } })).toThrow(
      'tasks.t.augment must be left out beside data, received ["crop"]. Write it at the input that it changes.',
    );
  });
});
