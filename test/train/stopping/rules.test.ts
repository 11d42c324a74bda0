import { describe, expect, it } from 'vitest';
import type { Metric } from '../../../src/index.ts';
import { constantSchedule, reduceOnPlateau } from '../../../src/optimise/index.ts';
import { roundRobin, validation } from '../../../src/sample/index.ts';
import type { TrainOptions } from '../../../src/train/index.ts';
import { evaluationRules, settingsOfRules } from '../../../src/train/stopping/rules.ts';

const metric = (name: string, higherIsBetter?: boolean): Metric => ({
  name,
  ...(higherIsBetter === undefined ? {} : { higherIsBetter }),
  update: () => {},
  result: () => 0,
  reset: () => {},
});
const TASKS = [
  { name: 'digits', metrics: [metric('accuracy'), metric('calibrationError', false)] },
  { name: 'tempo', metrics: [metric('meanAbsoluteError', false)] },
  { name: 'bare', metrics: [] },
];
const rules = (options: Pick<TrainOptions, 'stop' | 'best'>) =>
  evaluationRules({ ...options, evaluateEvery: 10 }, TASKS);
/** What is said of options that cannot be. */
const refused = (options: object): string => {
  try {
    evaluationRules({ evaluateEvery: 10, ...options } as never, TASKS);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
};

describe('rules of evaluations', () => {
  it('judge each task by its first metric, whose direction it says, else by its loss', () => {
    expect(rules({ best: {} })!.best).toEqual([
      { task: 'digits', metric: 'accuracy', higherIsBetter: true },
      { task: 'tempo', metric: 'meanAbsoluteError', higherIsBetter: false },
      { task: 'bare', metric: 'loss', higherIsBetter: false },
    ]);
    expect(rules({ best: { task: 'digits', metric: 'calibrationError' } })!.best).toEqual([
      { task: 'digits', metric: 'calibrationError', higherIsBetter: false },
    ]);
    expect(rules({ best: { metric: 'loss' } })!.best!.map(({ metric }) => metric)).toEqual(['loss', 'loss', 'loss']);
  });

  it('are those of each task by itself, or of one', () => {
    const { perTask, whole } = rules({ stop: { perTask: { patience: 3 } } })!;
    expect(whole).toBeUndefined();
    expect(perTask).toMatchObject({ patience: 3, minDelta: 0, from: 0, drift: 0.1, returns: false });
    expect([...perTask!.yardsticks.keys()]).toEqual(['digits', 'tempo', 'bare']);
    const one = rules({ stop: { task: 'tempo', patience: 2, minDelta: 0.5, from: 30 } })!;
    expect(one.perTask).toBeUndefined();
    expect(one.whole).toEqual({
      patience: 2,
      minDelta: 0.5,
      from: 30,
      yardstick: { task: 'tempo', metric: 'meanAbsoluteError', higherIsBetter: false },
    });
  });

  it('are none where nothing is evaluated, and no functions', () => {
    expect(evaluationRules({}, TASKS)).toBeUndefined();
    expect(evaluationRules({ stop: () => false }, TASKS)).toBeUndefined();
    expect(rules({ stop: () => false })).toEqual({ tasks: ['digits', 'tempo', 'bare'] });
  });

  it('say what they need, and what cannot be', () => {
    const none = (options: object) => {
      expect(() => evaluationRules(options as never, TASKS)).toThrow(/evaluateEvery is missing/);
    };
    none({ stop: { perTask: { patience: 3 } } });
    none({ best: {} });
    expect(refused({ best: { task: 'digit' } })).toBe(
      'train: best.task: there is no task "digit" here. Expected names of tasks: digits, tempo, bare. Did you mean "digits"?',
    );
    expect(refused({ best: { task: 'digits', metric: 'acuracy' } })).toBe(
      'train: best.metric must be a metric of task "digits" (accuracy, calibrationError, loss), received "acuracy". Did you mean "accuracy"?',
    );
    expect(refused({ stop: { perTask: { patience: 3, metric: 'accuracy' } } })).toBe(
      'train: stop.perTask.metric must be a metric of task "tempo" (meanAbsoluteError, loss), received "accuracy". Name one of these, or leave it out.',
    );
    expect(refused({ stop: { task: 'none', patience: 3 } })).toMatch(
      /^train: stop\.task: there is no task "none" here/,
    );
    expect(refused({ stop: { task: 'digits' } })).toBe(
      'train: stop: patience must be a whole number >= 1, received nothing. Add it.',
    );
    expect(refused({ stop: {} })).toBe(
      'train: stop: task must be the name of the task by which the training stops, or perTask for each by itself, received nothing. Add it.',
    );
    expect(refused({ stop: { perTask: { patience: 3 }, task: 'digits' } })).toBe(
      'train: stop: task must be left out where perTask is given, received "digits". Remove it.',
    );
    expect(refused({ stop: { perTask: { patience: 3 }, patience: 2 } })).toBe(
      'train: stop: patience must be left out where perTask is given, received 2. Put it into perTask.',
    );
    expect(refused({ stop: { perTask: { patience: 0 } } })).toMatch(
      /perTask\.patience must be a whole number >= 1, received 0/,
    );
    expect(refused({ stop: { perTask: { patience: 3, drift: 0 } } })).toMatch(
      /perTask\.drift must be a number > 0, received 0/,
    );
    expect(refused({ stop: { perTask: { patience: 3, minDelta: -1 } } })).toMatch(
      /perTask\.minDelta must be a number >= 0/,
    );
    expect(refused({ best: { tasks: 'digits' } })).toBe(
      'train: best: tasks is no option of best. Expected one of: task, metric. Did you mean "task"?',
    );
  });
});

describe('what a checkpoint compares of evaluations', () => {
  const evaluations = { evaluateEvery: 10, evaluateExamples: 64 };

  it.each<[string, Partial<TrainOptions>]>([
    ['a schedule', { schedule: reduceOnPlateau() }],
    ['a sampler', { sampler: validation() }],
  ])('is when they are made and over what, where %s follows them', (_, follower) => {
    expect(settingsOfRules({ ...evaluations, ...follower })).toEqual(evaluations);
    expect(settingsOfRules({ evaluateEvery: 10, ...follower })).toEqual({ evaluateEvery: 10, evaluateExamples: null });
  });

  it('is nothing where nothing hears of them', () => {
    expect(settingsOfRules({ ...evaluations, schedule: constantSchedule(), sampler: roundRobin() })).toEqual({});
  });
});
