import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import { type Requirement, type Runtime, startRuntime, whatIsUnmet } from './runtime.ts';
import { whyImpossible } from './setup.ts';

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
    runtime = await startRuntime();
    reasons.push(...runtime.reasons);
    const impossible = runtime.backend === 'cpu' ? await whyImpossible() : undefined;
    if (impossible && !reasons.includes(impossible)) reasons.push(impossible);
    problems.push(...(await wrongResults()));
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

async function wrongResults(): Promise<string[]> {
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])));
  const convolution = tf.tidy(() => {
    const image = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]) as tf.Tensor4D; // [batch, height, width, channels]
    const filter = tf.reshape(tf.range(0, 9), [3, 3, 1, 1]) as tf.Tensor4D; // [height, width, in, out]
    return tf.conv2d(image, filter, 1, 'valid'); // [1, 2, 2, 1]
  });
  // By hand: 0·0 + 1·1 + 2·2 + 4·3 + 5·4 + 6·5 + 8·6 + 9·7 + 10·8 = 258, and 36 more for each step of 1 in the image.
  const checks = [
    ['matrix product', product, [19, 22, 43, 50]],
    ['convolution', convolution, [258, 294, 402, 438]],
  ] as const;
  const wrong: string[] = [];
  for (const [name, tensor, expected] of checks) {
    const received = [...(await tensor.data())];
    tensor.dispose();
    // Small whole numbers, exact in float32 on any device; a GPU that uses TF32 has them exact too.
    if (expected.some((value, i) => value !== received[i]))
      wrong.push(
        `The ${name} is wrong: expected ${expected}, received ${received}. Run \`banyan setup\` after deleting the cache.`,
      );
  }
  return wrong;
}
