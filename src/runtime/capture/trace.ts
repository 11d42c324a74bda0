import * as tf from '@tensorflow/tfjs';
import { kernelsInUse, withKernels } from '../kernels/kernels.ts';
import type { OpAttribute } from '../tensorflow/attributes.ts';
import { dtypeNumber, type HostDtype } from '../tensorflow/types.ts';
import { nodeBackend } from '../tfjs-node/backend.ts';
import { CaptureError } from './fault.ts';
import { collectInPlace } from './in-place.ts';
import type { Recorder } from './recorder.ts';
import { withoutStrangers } from './strangers.ts';
import { traceWith } from './symbolic.ts';
import { tidied } from './tidied.ts';
import type { Precision } from './write.ts';

/** Shape and type of one input. */
export interface Signature {
  readonly shape: readonly number[];
  readonly dtype: HostDtype;
}

/** A pure computation on tensors over variables, which it may assign. */
export type Trace = (inputs: readonly tf.Tensor[]) => Readonly<Record<string, tf.Tensor>>;

export interface CaptureOptions {
  readonly name: string;
  readonly inputs: readonly Signature[];
  /** All that it may read or assign. */
  readonly variables: readonly tf.Variable[];
  readonly trace: Trace;
  /** Change the variables only if all outputs are finite: one truth value in the graph. */
  readonly gated: boolean;
  /** XLA fuses element-wise updates by itself and knows no switches: it gets neither of TensorFlow's. */
  readonly xla: boolean;
  /** Only operations that every TensorFlow has: none of the framework's own kernels. Default false. */
  readonly portable?: boolean;
  readonly precision: Precision;
}

/** XLA does not know the framework's own kernels, and these compute in float32. */
export const byKernels = ({ xla, portable = false, precision }: CaptureOptions): boolean =>
  !xla && !portable && precision === 'float32' && kernelsInUse() !== undefined;

/** What a trace left: ids of its outputs, and of the new values by the variable's index. */
export interface Traced {
  readonly outputs: Readonly<Record<string, number>>;
  readonly updates: ReadonlyMap<number, number>;
  /** What TensorFlow's own update operations do afterwards: to which variables, with what. */
  readonly inPlace: readonly {
    readonly op: string;
    readonly attributes: readonly OpAttribute[];
    readonly variables: readonly number[];
    readonly operands: readonly number[];
  }[];
}

export function traceOnce(
  recorder: Recorder,
  options: CaptureOptions,
  ids: { readonly inputs: readonly number[]; readonly variables: readonly number[] },
): Traced {
  const { inputs, variables, trace, xla } = options;
  const backend = nodeBackend();
  const tensor = (id: number, { shape, dtype }: Signature) =>
    backend.createOutputTensor({ id, shape: [...shape], dtype: dtypeNumber(dtype) });
  // Others must not be assigned, and are put back where they were.
  const all = [...new Set([...variables, ...Object.values(tf.engine().registeredVariables)])];
  return tidied(true, (): Traced => {
    const before = all.map((variable) => variable.clone());
    const values = variables.map((variable, i) =>
      tensor(ids.variables[i]!, { shape: variable.shape, dtype: variable.dtype as HostDtype }),
    );
    try {
      for (const [i, variable] of variables.entries()) variable.assign(values[i]!);
      return traceWith(recorder, (idOf) => {
        const tensors = inputs.map((signature, i) => tensor(ids.inputs[i]!, signature));
        const work = () => withoutStrangers(variables, () => withKernels(byKernels(options), () => trace(tensors)));
        const { result: outputs, inPlace } = collectInPlace(!xla, work);
        const updates = new Map<number, number>();
        for (const [i, variable] of variables.entries()) {
          const id = idOf(variable);
          if (id !== ids.variables[i]) updates.set(i, id);
        }
        return {
          outputs: Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, idOf(output)])),
          updates,
          inPlace: inPlace.map(({ op, attributes, variables: changed, operands }) => ({
            op,
            attributes,
            variables: changed.map((variable) => variables.indexOf(variable)),
            operands: operands.map(idOf),
          })),
        };
      });
    } finally {
      for (const [i, variable] of all.entries()) if (variable.dataId !== before[i]!.dataId) variable.assign(before[i]!);
    }
  });
}

export function assertSame(first: Traced, second: Traced): void {
  const text = ({ outputs, updates, inPlace }: Traced) => JSON.stringify([outputs, [...updates], inPlace]);
  if (text(first) === text(second)) return;
  throw new CaptureError(
    'The same inputs gave other outputs the second time',
    'expected a pure function of inputs and variables',
    'Make what changes from step to step an input.',
  );
}
