import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import { type AnyNetwork, heldOutBatches, internals, nameOutput, passOf } from '../network/index.ts';
import { columnScope, isBelow, isLateral } from '../scope.ts';
import type { Column } from '../trunk/index.ts';
import { type ColumnSensitivity, columnSensitivity } from './sensitivity.ts';

/** Counts of multiplications, with an addition each, in a prediction of one example of a column's first task. */
export interface MultiplyAdds {
  /** Those in the column's blocks. */
  readonly own: number;
  /** Those in its lateral adapters. */
  readonly lateral: number;
  /** All of the prediction, with stem, head and what it needs of earlier columns. */
  readonly prediction: number;
}

/** A column of a network with what its tasks' predictions take. */
export interface MeasuredColumn extends Column {
  /** Absent where there is no graph to count in, or no example. */
  readonly multiplyAdds?: MultiplyAdds;
}

/** The sizes of a network's columns, and what their tasks listen to. */
export interface ColumnMeasurements {
  readonly columns: readonly MeasuredColumn[];
  /** The tasks of all columns but the first have one each; where there is one column, its own tasks have. */
  readonly sensitivities: readonly ColumnSensitivity[];
}

/**
 * Measures the sizes of a network's columns, and what their tasks listen to.
 * @throws BanyanError `data` for a task without labelled held-out examples.
 */
export function measureColumns(network: AnyNetwork): Promise<ColumnMeasurements> {
  return internals(network).lease.use(async () => {
    const { columns } = network;
    const measured: MeasuredColumn[] = [];
    for (const [index, column] of columns.entries()) {
      const multiplyAdds = await multiplyAddsOf(network, index);
      measured.push({ ...column, ...(multiplyAdds === undefined ? {} : { multiplyAdds }) });
    }
    const listening = columns.length > 1 ? columns.slice(1) : columns;
    const sensitivities: ColumnSensitivity[] = [];
    for (const task of listening.flatMap(({ tasks }) => tasks))
      sensitivities.push(await columnSensitivity(network, task));
    return { columns: measured, sensitivities };
  });
}

/**
 * Counts multiplications in a prediction of one example, by the parts of the network that multiply. Undefined where a prediction is no
 * graph, and where the data is not here.
 */
export async function partCosts(network: AnyNetwork, task: string): Promise<ReadonlyMap<string, number> | undefined> {
  const { body } = internals(network);
  const built = body.task(task);
  try {
    const [example] = await heldOutBatches(body, built, 1);
    return await body.runner.multiplyAdds(
      body.computation({
        kind: 'count',
        key: [task],
        inputs: example!.inputs,
        trace: (batch: readonly tf.Tensor[]) => {
          return nameOutput(body.read(built, body.encode(passOf(built), batch, false)));
        },
      }),
    );
  } catch (error) {
    if (error instanceof BanyanError && (error.code === 'capture' || error.code === 'data')) return undefined;
    throw error;
  }
}

async function multiplyAddsOf(network: AnyNetwork, index: number): Promise<MultiplyAdds | undefined> {
  const costs = await partCosts(network, network.columns[index]!.tasks[0]!);
  if (costs === undefined) return undefined;
  const sumOf = (counted: (scope: string) => boolean) =>
    [...costs].reduce((sum, [scope, count]) => sum + (counted(scope) ? count : 0), 0);
  const inside = (scope: string) => isBelow(scope, columnScope(index));
  return {
    own: sumOf((scope) => inside(scope) && !isLateral(scope)),
    lateral: sumOf((scope) => inside(scope) && isLateral(scope)),
    prediction: sumOf(() => true),
  };
}
