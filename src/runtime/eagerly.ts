import * as tf from '@tensorflow/tfjs';
import type { Computation, Results } from './runner.ts';
import { withoutStrangers } from './strangers.ts';
import type { HostTensor } from './tensorflow/index.ts';
import { tidied } from './tidied.ts';

/** Operation by operation, in tfjs. */
export function runEagerly({ inputs, variables, trace, gated = false, instead = new Map() }: Computation): Results {
  return tidied(gated || instead.size > 0, () => {
    const before = gated ? variables.map((variable) => variable.clone()) : [];
    const own = [...instead].map(([variable, other]) => {
      const value = variable.clone();
      variable.assign(other);
      return [variable, value] as const;
    });
    let host: (readonly [string, HostTensor])[];
    try {
      const given = inputs.map(({ values, shape, dtype }) => tf.tensor(values, [...shape], dtype));
      const outputs = withoutStrangers(variables, () => trace(given));
      host = Object.entries(outputs).map(([name, output]) => [name, toHost(output)] as const);
    } finally {
      for (const [variable, value] of own) variable.assign(value);
    }
    if (gated && !host.every(([, output]) => allFinite(output)))
      for (const [i, variable] of variables.entries())
        if (variable.dataId !== before[i]!.dataId) variable.assign(before[i]!);
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
