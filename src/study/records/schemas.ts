import { z } from 'zod';

// The leaves of what a study writes as JSON and reads again. A leaf's message is what was expected, as in an experiment.

const WHOLE = 'a whole number >= 0';
export const count = z.int(WHOLE).min(0, WHOLE);
export const word = z.string('a text');
/** JSON has no NaN: null stands for it, and in a log of events for infinities too. */
export const figure: z.ZodType<number> = z
  .custom<number | null>(
    (value) => typeof value === 'number' || value === null,
    'a number, or null for one that is none',
  )
  .transform((value) => value ?? Number.NaN);
const named = (values: string) => `a section with ${values} by name`;
export const byName = <T>(value: z.ZodType<T>, values: string) => z.record(z.string(), value, named(values));
export const figures = byName(figure, 'figures');
/** The metrics of each task, by the names of the tasks. */
export const metricsSchema = byName(figures, 'the metrics of tasks');
export const record = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.object(shape, `a section with ${Object.keys(shape).join(', ')}`);
