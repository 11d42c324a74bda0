import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { writeWhole } from '../../durable.ts';
import { fileError } from '../../file-error.ts';
import { eventLine } from '../../report/index.ts';
import type { TrainingEvent } from '../../train/index.ts';
import { byName, count, figure, figures, type Line, metricsSchema, readLines, record, word } from './records.ts';

const cosines = z.array(z.array(figure));
const comparison = { norms: figures, cosines };
const balance = record({ weights: figures, norms: figures.optional(), cosines: cosines.optional() });
const gradients = record({ ...comparison, blocks: byName(record(comparison), 'comparisons') });
const EVENTS = {
  start: record({ kind: z.literal('start'), step: count, steps: count, tasks: z.array(word) }),
  step: record({
    kind: z.literal('step'),
    step: count,
    steps: count,
    losses: figures,
    labelled: figures,
    learningRate: figure,
    gradientNorm: figure,
    balance: balance.optional(),
    gradients: gradients.optional(),
    milliseconds: figure,
  }),
  evaluation: record({ kind: z.literal('evaluation'), step: count, metrics: metricsSchema, milliseconds: figure }),
  checkpoint: record({ kind: z.literal('checkpoint'), step: count, path: word }),
  end: record({ kind: z.literal('end'), step: count, reason: z.enum(['steps', 'stopped']) }),
} satisfies { [Kind in TrainingEvent['kind']]: z.ZodType<Extract<TrainingEvent, { kind: Kind }>> };
const { start, step, evaluation, checkpoint, end } = EVENTS;
const eventSchema: z.ZodType<TrainingEvent> = z.discriminatedUnion('kind', [start, step, evaluation, checkpoint, end]);

/** The events of a log, and the lines on which they stand. */
const linesOf = (file: string): Generator<Line<TrainingEvent>> =>
  readLines(
    file,
    eventSchema,
    'the curves of the run lack them. The training and its weights are not touched by that.',
  );

/** The events of a log. */
export const readEvents = (file: string): TrainingEvent[] => Array.from(linesOf(file), ({ value }) => value);

/**
 * Writes every event to a file at once. A resumed training goes on from a checkpoint: what an interrupted one did after
 * that checkpoint will be done again, and leaves the log.
 */
export function eventLog(file: string): (event: TrainingEvent) => void {
  return (event) => {
    try {
      if (event.kind === 'start') keepUpTo(event.step, file);
      appendFileSync(file, eventLine(event));
    } catch (cause) {
      throw fileError('experiment', file, 'written', cause);
    }
  };
}

function keepUpTo(step: number, file: string): void {
  const kept = function* () {
    for (const { text, value } of linesOf(file)) if (value.step <= step) yield `${text}\n`;
  };
  writeWhole(file, kept());
}
