import type * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { BanyanError } from '../../error.ts';
import { examplesOf } from '../../export/examples.ts';
import { measurable } from '../../export/quantise/losses.ts';
import { storeWeights } from '../../export/quantise/quantise.ts';
import {
  type BuiltTask,
  internals,
  measure,
  type Network,
  type NetworkBody,
  openSource,
  outputsOf,
} from '../../network/index.ts';
import { byName, count, figure, record, word } from '../records/schemas.ts';

/** How the weights are stored: as they are trained, or the large ones as whole numbers of 8 bits. */
export type Form = 'float32' | 'int8';
export const FORMS = ['float32', 'int8'] as const satisfies readonly Form[];

/** How a network came to its size. */
export type Route = 'original' | 'pruned' | 'distilled';
export const ROUTES = ['original', 'pruned', 'distilled'] as const satisfies readonly Route[];

/** What a network of some size reaches on a task. */
export interface TaskPoint {
  /** The first metric of the task's head, on all examples of the test split where there is one, else of the validation split. */
  readonly metric: string;
  readonly higherIsBetter: boolean;
  /** Its value, by how the weights are stored. */
  readonly values: Readonly<Record<Form, number>>;
  /** What predicting one example takes, the median of several times; the same for either form, whose weights are float32 while they are used. */
  readonly milliseconds: number;
}

/** What was measured of a network. */
export interface SizePoint {
  readonly route: Route;
  /** What else it was made by, such as the share that was kept or the temperature; another value is another network. */
  readonly setting: number;
  /** How many numbers its weights have. */
  readonly parameters: number;
  /** The bytes of its weights, by how they are stored. */
  readonly bytes: Readonly<Record<Form, number>>;
  readonly tasks: Readonly<Record<string, TaskPoint>>;
}

const ofForms = (value: z.ZodType<number>) => record({ float32: value, int8: value });

export const pointSchema: z.ZodType<SizePoint> = record({
  route: z.enum(ROUTES, `one of ${ROUTES.join(', ')}`),
  setting: figure,
  parameters: count,
  bytes: ofForms(count),
  tasks: byName(
    record({
      metric: word,
      higherIsBetter: z.boolean('true or false'),
      values: ofForms(figure),
      milliseconds: figure,
    }),
    'what tasks reach',
  ),
});

/**
 * Measures a network's bytes, times, and metrics with weights in either form.
 * @throws BanyanError `experiment` where no task has a metric and held-out examples; the signal's reason when it is aborted.
 */
export function measurePoint(
  network: Network,
  made: Pick<SizePoint, 'route' | 'setting'>,
  signal: AbortSignal,
): Promise<SizePoint> {
  const { body, lease } = internals(network);
  return lease.use(async () => {
    const tasks = await measuredTasks(body);
    const variables = new Map(body.store.all().map(({ name, tensor }) => [name, tensor]));
    const { stored, instead } = storeWeights(variables, 'int8');
    try {
      const options = { tasks: tasks.map(({ name }) => name), signal };
      const [whole, small] = [await measure(body, options), await measure(body, { ...options, instead })];
      const points: [string, TaskPoint][] = [];
      for (const task of tasks) {
        const { name: metric, higherIsBetter = true } = task.metrics[0]!;
        const values = { float32: whole[task.name]![metric]!, int8: small[task.name]![metric]! };
        points.push([task.name, { metric, higherIsBetter, values, milliseconds: await timeOf(body, task) }]);
      }
      const parameters = sizeOf([...variables.values()]);
      const kept = [...variables].filter(([name]) => !stored.has(name)).map(([, tensor]) => tensor);
      const bytes = [...stored.values()].reduce((sum, { tensor }) => sum + tensor.content.byteLength, 0);
      return {
        ...made,
        parameters,
        bytes: { float32: 4 * parameters, int8: 4 * sizeOf(kept) + bytes },
        tasks: Object.fromEntries(points),
      };
    } finally {
      for (const variable of instead.values()) variable.dispose();
    }
  });
}

const sizeOf = (tensors: readonly tf.Tensor[]): number => tensors.reduce((sum, { size }) => sum + size, 0);

async function measuredTasks(body: NetworkBody): Promise<readonly BuiltTask[]> {
  for (const { name, definition } of body.tasks) await openSource(name, definition.source);
  const tasks = measurable(
    body,
    body.tasks.map(({ name }) => name),
  );
  if (tasks.length > 0) return tasks;
  throw new BanyanError(
    'experiment',
    'None of the tasks has a metric and held-out examples, expected one by which networks of several sizes are compared. Give a source a test or validation split.',
  );
}

// The graph is made in the first of them.
const [WARM, TIMED] = [3, 21];

async function timeOf(body: NetworkBody, task: BuiltTask): Promise<number> {
  const { raw } = await examplesOf(body, task, undefined);
  const times: number[] = [];
  for (let i = 0; i < WARM + TIMED; i++) {
    const begin = performance.now();
    await outputsOf(body, task, [raw[i % raw.length]]);
    times.push(performance.now() - begin);
  }
  return times.slice(WARM).sort((a, b) => a - b)[(TIMED - 1) / 2]!;
}
