import { describe, expect, it } from 'vitest';
import type { TrainOptions } from '../../src/index.ts';
import { checkOptions } from '../../src/train/check-options.ts';
import { numbersTask } from '../fixtures.ts';

const task = numbersTask('a');

describe('the options of a training', () => {
  it.each([
    [
      'sampler',
      'round-robin',
      'train: sampler must be what a function such as roundRobin() makes, received "round-robin". Call the function that makes it.',
    ],
    [
      'average',
      'exponential',
      /^train: average must be what a function such as exponentialAverage\(\) makes, received "exp/,
    ],
    [
      'schedule',
      'cosine',
      /^train: schedule must be what a function such as cosineSchedule\(\) makes, received "cosine"/,
    ],
    [
      'optimizer',
      { kind: 'adam' },
      /^train: optimizer must be what a function such as adamW\(\) makes, received \{"kind":"adam"\}/,
    ],
    [
      'parameters',
      { match: 'trunk/*', frozen: true },
      'train: parameters must be a list of rules, received {"match":"trunk/*","frozen":true}. Put the rule into a list.',
    ],
  ])('tell of a wrong form of %s', (name, value, message) => {
    const options = { batch: 4, steps: 2, [name]: value } as unknown as TrainOptions;
    const check = () => checkOptions(options, [{ name: 'a', definition: task as never }]);
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ code: 'argument' }));
  });
});
