import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import type { CompileMode } from '../execute/computation.ts';
import { createRunner, type Requirement, type Runtime, startSilently, whatIsUnmet } from '../runtime.ts';
import { hasHalfPrecision } from './device.ts';
import { whyImpossible } from './setup/setup.ts';

/** What `banyan doctor` prints. Without a backend (a named one that is unusable), `backend` is null. */
export interface Diagnosis {
  readonly ok: boolean;
  readonly backend: Runtime['backend'] | null;
  readonly tensorflow: string | null;
  readonly device: string | null;
  readonly gpu: boolean;
  readonly compiled: boolean;
  readonly reasons: readonly string[];
}

/** Starts the runtime and has the device compute a matrix product and a convolution whose results are known. */
export async function doctor(options: { require?: Requirement } = {}): Promise<Diagnosis> {
  let runtime: Runtime | undefined;
  const reasons: string[] = [];
  const problems: string[] = [];
  try {
    runtime = await startSilently();
    reasons.push(...runtime.reasons);
    const impossible = runtime.backend === 'cpu' ? await whyImpossible() : undefined;
    if (impossible && !reasons.includes(impossible)) reasons.push(impossible);
    for (const mode of runtime.compiled ? (['eager', 'graph', 'xla'] as const) : (['eager'] as const)) {
      const wrong = await wrongResults(mode);
      if (mode !== 'xla') problems.push(...wrong);
      else reasons.push(wrong.length === 0 ? XLA : `XLA is not possible here: ${wrong.join(' ')}`);
    }
    if (runtime.compiled) reasons.push(mixed(runtime.gpu));
    const unmet = options.require && whatIsUnmet(runtime, options.require);
    if (unmet) problems.push(unmet);
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    problems.push(error.message);
  }
  return {
    ok: problems.length === 0,
    backend: runtime?.backend ?? null,
    tensorflow: runtime?.tensorflow ?? null,
    device: runtime?.device ?? null,
    gpu: runtime?.gpu ?? false,
    compiled: runtime?.compiled ?? false,
    // The mend comes last, where a reader looks for it.
    reasons: [...reasons, ...problems],
  };
}

const XLA = "XLA compiles them where it is asked for (`compile: 'xla'`).";

const mixed = (gpu: boolean): string => {
  const half = gpu
    ? 'the card multiplies'
    : `this processor ${hasHalfPrecision() ? 'multiplies' : 'does not multiply'}`;
  return `Mixed precision is possible (\`precision: 'mixed'\`): ${half} bfloat16 by itself.`;
};

const host = (shape: readonly number[], values: readonly number[]) =>
  ({ shape, dtype: 'float32', values: Float32Array.from(values) }) as const;

/** A matrix product and a convolution in one of the ways in which computations run; what is wrong about them. */
async function wrongResults(mode: Exclude<CompileMode, 'auto'>): Promise<string[]> {
  const runner = createRunner();
  const image = host([1, 4, 4, 1], [...Array(16).keys()]); // [batch, height, width, channels]
  const filter = host([3, 3, 1, 1], [...Array(9).keys()]); // [height, width, in, out]
  // By hand: 0·0 + 1·1 + 2·2 + 4·3 + 5·4 + 6·5 + 8·6 + 9·7 + 10·8 = 258, and 36 more for each step of 1 in the image.
  const expected = { 'matrix product': [19, 22, 43, 50], convolution: [258, 294, 402, 438] };
  try {
    const results = await runner.run(
      {
        kind: 'doctor',
        key: [],
        inputs: [host([2, 2], [1, 2, 3, 4]), host([2, 2], [5, 6, 7, 8]), image, filter],
        variables: [],
        trace: ([a, b, x, kernel]) => ({
          'matrix product': tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D),
          convolution: tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, 1, 'valid'), // [1, 2, 2, 1]
        }),
      },
      mode,
    );
    // Small whole numbers, exact in float32 on any device; a GPU that uses TF32 has them exact too.
    return Object.entries(expected).flatMap(([name, values]) => {
      const received = [...results[name]!.values];
      if (values.every((value, i) => value === received[i])) return [];
      const how = mode === 'eager' ? '' : ` as a graph (${mode})`;
      return `The ${name}${how} is wrong: expected ${values}, received ${received}. Run \`banyan setup\` after deleting the cache.`;
    });
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    return [error.message];
  } finally {
    runner.dispose();
  }
}
