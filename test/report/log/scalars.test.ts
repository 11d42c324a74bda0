import { describe, expect, it } from 'vitest';
import { scalarsOf } from '../../../src/report/log/scalars.ts';
import type { EvaluationEvent } from '../../../src/train/index.ts';
import { AVERAGED_EVENTS, EVENTS } from '../events.ts';

const evaluationOf = (events: typeof EVENTS) => events.find((event) => event.kind === 'evaluation') as EvaluationEvent;

describe('the numbers of an evaluation', () => {
  it('are its metrics, and those of averaged weights beside them', () => {
    const raw = {
      'validation/shapes/accuracy': 0.75,
      'validation/shapes/loss': 0.9,
      'validation/long-name/rmse': 0.5,
      'validation/long-name/loss': 0.25,
    };
    expect(scalarsOf(evaluationOf(EVENTS))).toEqual(raw);
    expect(scalarsOf(evaluationOf(AVERAGED_EVENTS))).toEqual({
      ...raw,
      'validation/shapes/accuracy-averaged': 0.8,
      'validation/shapes/loss-averaged': 0.7,
      'validation/long-name/rmse-averaged': 0.4,
      'validation/long-name/loss-averaged': 0.2,
    });
  });
});
