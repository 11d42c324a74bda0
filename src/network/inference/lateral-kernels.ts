import * as tf from '@tensorflow/tfjs';
import { columnScope, fromName, inColumn, lateralName } from '../../scope.ts';
import type { ColumnPlan, LateralInput } from '../../trunk/index.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { type Adapter, channelsOf } from './lateral-inputs.ts';

const kernelName = (column: number, { block, column: from }: Pick<Adapter, 'block' | 'column'>) =>
  `${inColumn(column, lateralName(block))}/${fromName(from)}/reduce/kernel`;

/** Holds the kernels behind the lateral inputs, `[inputs, width]` each, and lets rows of them be 0 for a while. */
export function kernelsOf(body: NetworkBody, plan: ColumnPlan) {
  const last = body.columns.length - 1;
  const kernels = plan.inputs.flatMap((inputs, block) =>
    inputs.map((input) => {
      const name = kernelName(last, { block, column: input.column });
      const { tensor: variable } = body.store.all().find((v) => v.name === name)!;
      return { block, input, variable, value: variable.clone() };
    }),
  );
  return {
    keep(left: readonly Adapter[]): void {
      for (const { block, input, variable, value } of kernels) {
        const adapter = left.find((candidate) => candidate.block === block && candidate.column === input.column);
        const kept = new Set(adapter?.channels.map(({ channel }) => channel));
        const rows = channelsOf(input).map((channel) => [kept.has(channel) ? 1 : 0]);
        tf.tidy(() => variable.assign(value.mul(tf.tensor2d(rows))));
      }
    },
    restore(): void {
      for (const { variable, value } of kernels) if (!variable.isDisposed) variable.assign(value);
    },
    dispose(): void {
      for (const { value } of kernels) value.dispose();
    },
  };
}

/** Builds the column with these inputs alone; what stays keeps its values. */
export function rebuild(body: NetworkBody, plan: ColumnPlan, left: readonly Adapter[]): void {
  const last = body.columns.length - 1;
  const before = new Map(
    body.store.of(columnScope(last)).map(({ name, tensor }) => [name, tf.tidy(() => tensor.clone())]),
  );
  const inputs = plan.inputs.map((into, block) =>
    into.flatMap((input): LateralInput[] => {
      const adapter = left.find((candidate) => candidate.block === block && candidate.column === input.column);
      if (adapter === undefined) return [];
      if (adapter.channels.length === input.width) return [input];
      const channels = adapter.channels.map(({ channel }) => channel).sort((a, b) => a - b);
      return [{ ...input, channels }];
    }),
  );
  try {
    body.replaceColumn({ ...plan, inputs });
    tf.tidy(() => {
      for (const [block, left] of inputs.entries())
        for (const input of left) {
          const name = kernelName(last, { block, column: input.column });
          const old = channelsOf(plan.inputs[block]!.find(({ column }) => column === input.column)!);
          const rows = channelsOf(input).map((channel) => old.indexOf(channel));
          const kernel = before.get(name)!;
          before.set(name, tf.keep(kernel.gather(tf.tensor1d(rows, 'int32'))));
          kernel.dispose();
        }
      for (const { name, tensor } of body.store.of(columnScope(last))) tensor.assign(before.get(name)!);
    });
  } finally {
    tf.dispose([...before.values()]);
  }
}
