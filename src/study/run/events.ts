import { z } from 'zod';
import type { TrainingEvent } from '../../train/index.ts';
import { type Line, readLines } from '../records/lines.ts';
import { byName, count, figure, figures, metricsSchema, record, word } from '../records/schemas.ts';

const cosines = z.array(z.array(figure));
const comparison = { norms: figures, cosines };
const balance = record({ weights: figures, norms: figures.optional(), cosines: cosines.optional() });
const gradients = record({ ...comparison, blocks: byName(record(comparison), 'comparisons') });
const distance = { task: word, metric: word, value: figure, best: figure, bestStep: count, distance: figure };
const noted = <Kind extends string>(kind: Kind) => record({ kind: z.literal(kind), step: count, ...distance });
const losses = z.tuple([figure, figure]);
const EVENTS = {
  start: record({ kind: z.literal('start'), step: count, steps: count, tasks: z.array(word) }),
  step: record({
    kind: z.literal('step'),
    step: count,
    steps: count,
    drawn: z.array(word).optional(),
    losses: figures,
    labelled: figures,
    learningRate: figure,
    learningRates: figures.optional(),
    gradientNorm: figure,
    auxiliary: figure.optional(),
    balance: balance.optional(),
    gradients: gradients.optional(),
    milliseconds: figure,
  }),
  evaluation: record({
    kind: z.literal('evaluation'),
    step: count,
    metrics: metricsSchema,
    averaged: metricsSchema.optional(),
    distances: figures.optional(),
    milliseconds: figure,
  }),
  best: record({ kind: z.literal('best'), step: count, metrics: metricsSchema }),
  stop: noted('stop'),
  drift: noted('drift'),
  return: noted('return'),
  overfitting: record({
    kind: z.literal('overfitting'),
    step: count,
    task: word,
    since: count,
    training: losses,
    validation: losses,
  }),
  checkpoint: record({ kind: z.literal('checkpoint'), step: count, path: word }),
  end: record({
    kind: z.literal('end'),
    step: count,
    reason: z.enum(['steps', 'patience', 'stopped']),
    best: count.optional(),
    averaged: z.literal(true).optional(),
  }),
} satisfies { [Kind in TrainingEvent['kind']]: z.ZodType<Extract<TrainingEvent, { kind: Kind }>> };
const { start, step, evaluation, best, stop, drift, return: back, overfitting, checkpoint, end } = EVENTS;
const eventSchema: z.ZodType<TrainingEvent> = z.discriminatedUnion('kind', [
  start,
  step,
  evaluation,
  best,
  stop,
  drift,
  back,
  overfitting,
  checkpoint,
  end,
]);

/** Reads the events of a log, and the lines on which they stand. */
export const readEventLines = (file: string): Generator<Line<TrainingEvent>> =>
  readLines(
    file,
    eventSchema,
    'the curves of the run lack them. The training and its weights are not touched by that.',
  );

/** Reads the events of a log; none where there is no such file. Damaged lines are left out, with a warning. */
export const readEvents = (file: string): TrainingEvent[] => Array.from(readEventLines(file), ({ value }) => value);
