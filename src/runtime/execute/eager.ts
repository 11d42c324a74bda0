import * as tf from '@tensorflow/tfjs';
import { tidied, withoutStrangers } from '../capture/index.ts';
import type { HostTensor } from '../tensorflow/index.ts';
import type { Computation, Results } from './computation.ts';

/** Operation by operation, in tfjs. What is gated changes nothing either where it fails. */
export function runEagerly(computation: Computation): Results {
  const { variables, gated = false } = computation;
  if (!gated) return run(computation, () => {});
  const before = variables.map((variable) => variable.clone());
  const putBack = () => {
    for (const [i, variable] of variables.entries())
      if (variable.dataId !== before[i]!.dataId) variable.assign(before[i]!);
  };
  try {
    return run(computation, putBack);
  } catch (error) {
    putBack();
    throw error;
  } finally {
    for (const value of before) value.dispose();
  }
}

function run(
  { inputs, variables, trace, gated = false, instead = new Map() }: Computation,
  putBack: () => void,
): Results {
  return tidied(gated || instead.size > 0, () => {
    const replaced = [...instead].map(([variable, other]) => {
      const value = variable.clone();
      variable.assign(other);
      return [variable, value] as const;
    });
    let host: (readonly [string, HostTensor])[];
    try {
      const tensors = inputs.map(({ values, shape, dtype }) => tf.tensor(values, [...shape], dtype));
      const outputs = withoutStrangers(variables, () => trace(tensors));
      host = Object.entries(outputs).map(([name, output]) => [name, toHost(output)] as const);
    } finally {
      for (const [variable, value] of replaced) variable.assign(value);
    }
    if (gated && !host.every(([, output]) => allFinite(output))) putBack();
    return Object.fromEntries(host);
  });
}

function toHost(tensor: tf.Tensor): HostTensor {
  const values = tensor.dataSync();
  const { dtype, shape } = tensor;
  // What was made in JavaScript and never given to TensorFlow may still be its maker's array.
  return { dtype, shape, values: values.slice() } as unknown as HostTensor;
}

const allFinite = ({ dtype, values }: HostTensor): boolean =>
  dtype !== 'float32' || (values as Float32Array).every(Number.isFinite);
