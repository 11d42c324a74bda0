import * as tf from '@tensorflow/tfjs';
import { arraySource } from 'banyan-ml/data';
import { codeStem, type ReconstructionOutput, reconstruction } from 'banyan-ml/heads/vision';
import { runHeadContract, runStemContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  adam,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type HeadContext,
  type Network,
  type StemContext,
  train,
} from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { RandomStream } from '../../../src/random/index.ts';

const random = new RandomStream(2, 'pictures');
const size = { height: 6, width: 6, channels: 1 };
const noise = Array.from({ length: 4 }, () => Float32Array.from({ length: 36 }, () => random.uniform()));

/** A context whose variables are given by name, and a way to free them. */
function contextOf(values: Readonly<Record<string, readonly number[]>>, width: number, positions = 9) {
  const made: tf.Variable[] = [];
  const variable = (name: string, shape: number[]) => {
    const tensor = tf.tensor([...values[name]!], shape);
    made.push(tf.variable(tensor));
    tensor.dispose();
    return made.at(-1)!;
  };
  const context = { width, positions, task: 't', variable, settings: (all: object) => all };
  return { context: context as unknown as HeadContext & StemContext, dispose: () => tf.dispose(made) };
}

describe('codeStem', () => {
  it('keeps the contract of stems', async () => {
    await runStemContract(codeStem({ ...size, kernel: 3 }), { examples: noise });
    await runStemContract(codeStem({ height: 5, width: 4, channels: 3, pool: 3 }), {
      examples: [0, 1].map((k) => Uint8Array.from({ length: 60 }, (_, i) => (i * 7 + k * 50) % 256)),
    });
  });

  it('gives the same thing the same spectrum wherever it is, and black none', () => {
    const kernel = Array.from({ length: 9 * 2 }, () => random.normal());
    const { context, dispose } = contextOf({ kernel }, 2);
    const stem = codeStem({ height: 12, width: 12, channels: 1, kernel: 3 })(context);
    const tokensOf = (row: number, column: number) => {
      const picture = new Float32Array(144);
      for (const [r, c] of [
        [0, 0],
        [0, 1],
        [1, 1],
      ] as const)
        picture[(row + r) * 12 + column + c] = 1;
      return tf.tidy(() => {
        const batch = tf.tensor4d(picture, [1, 12, 12, 1]);
        return (stem.forward(batch, { training: false }) as tf.Tensor3D).reshape([6, 6, 2]).arraySync() as number[][][];
      });
    };
    const [here, there] = [tokensOf(2, 2), tokensOf(6, 8)];
    for (let r = 0; r < 3; r++) for (let c = 0; c < 3; c++) expect(there[2 + r]![3 + c]).toEqual(here[r]![c]!);
    expect(here[5]![5]).toEqual([0, 0]);
    expect(here.flat(2).some((value) => value > 0)).toBe(true);
    dispose();
  });
});

describe('reconstruction', () => {
  // Three tokens stand for a strip of three pixels.
  const strip = { height: 1, width: 3, channels: 1, pool: 1 };

  it.each([['all draw', undefined] as const, ['winners', { radius: 1, cost: 0.3 }] as const])(
    'keeps the contract of heads: %s',
    async (_, winners) => {
      const targets = Array.from({ length: 4 }, (_, i) => Float32Array.from([i % 2, 0.5, 1 - (i % 2)]));
      await runHeadContract(reconstruction({ ...strip, kernel: 1, winners }), { targets });
    },
  );

  it('draws by the strongest alone, each its square of pixels', () => {
    // One channel; each token draws its own value at all four pixels of its square, and black is 0.
    const { context, dispose } = contextOf({ kernel: [1, 1, 1, 1], bias: [0] }, 1, 4);
    const head = reconstruction({ height: 4, width: 4, channels: 1, kernel: 1, winners: { radius: 1, cost: 2 } })(
      context,
    );
    const tokens = tf.tensor3d([1, 4, 0, 2], [1, 4, 1]);
    const { picture, code, cost } = tf.tidy(() => head.forward(tokens, { training: false }));
    expect([...code.dataSync()]).toEqual([0, 4, 0, 0]);
    expect(tf.tidy(() => picture.reshape([4, 4]).arraySync())).toEqual([
      [0, 0, 4, 4],
      [0, 0, 4, 4],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    // 2 x the mean of the roots of strengths.
    expect(cost.dataSync()[0]).toBeCloseTo((2 * (2 + 3 * 1e-4)) / 4, 5);
    const drawn = { picture: picture.dataSync(), code: code.dataSync(), cost: cost.dataSync() } as unknown;
    const decoded = head.decode(drawn as Parameters<typeof head.decode>[0]);
    expect(decoded.code).toMatchObject({ height: 2, width: 2, channels: 1 });
    expect(decoded.picture[2]).toBeCloseTo(1 / (1 + Math.exp(-4)), 6);
    const [cross, drawers] = head.metrics;
    cross!.update(new Float32Array(16), decoded);
    drawers!.update(new Float32Array(16), decoded);
    const expected = (12 * Math.log(2) - 4 * Math.log(1 - 1 / (1 + Math.exp(-4)))) / 16;
    expect(cross!.result()).toBeCloseTo(expected, 5);
    expect(drawers!.result()).toBe(1);
    tf.dispose([tokens, picture, code, cost]);
    dispose();
  });

  it('is, with all tokens, a transposed convolution', () => {
    const [pool, kernelSize, width] = [2, 4, 3];
    const kernel = Array.from({ length: kernelSize * kernelSize * width * pool * pool }, () => random.normal());
    const { context, dispose } = contextOf({ kernel, bias: [0.25] }, width);
    const head = reconstruction({ ...size, pool, kernel: kernelSize })(context);
    const code = Float32Array.from({ length: 9 * width }, () => random.normal());
    const drawn = tf.tidy(() => [
      ...(
        head.forward(tf.tensor3d(code, [1, 9, width]), { training: false }) as ReconstructionOutput
      ).picture.dataSync(),
    ]);
    // Each token adds to the pixels around it what the kernel says for its distance: written out.
    const expected = new Float64Array(36).fill(0.25);
    for (let r = 0; r < 3; r++)
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < kernelSize; i++)
          for (let j = 0; j < kernelSize; j++) {
            // Of an even kernel TensorFlow puts the smaller half before.
            const [row, column] = [r - i + 1, c - j + 1];
            if (row < 0 || row > 2 || column < 0 || column > 2) continue;
            for (let w = 0; w < width; w++)
              for (let p = 0; p < pool * pool; p++) {
                const at = (row * pool + Math.floor(p / pool)) * 6 + column * pool + (p % pool);
                const weight = kernel[((i * kernelSize + j) * width + w) * pool * pool + p]!;
                expected[at]! += code[(r * 3 + c) * width + w]! * weight;
              }
          }
    for (const [i, value] of drawn.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
    dispose();
  });

  it('learns to draw pictures again without labels, and leaves the trunk alone', async () => {
    // A bar of two pixels somewhere.
    const pictures = Array.from({ length: 60 }, (_, i) => {
      const picture = new Float32Array(144);
      const [row, column] = [(i * 5) % 12, (i * 7) % 11];
      picture.set([1, 1], row * 12 + column);
      return picture;
    });
    const sizes = { height: 12, width: 12, channels: 1 };
    const task = defineTask({
      name: 'scenes',
      at: 0,
      stem: codeStem({ ...sizes, kernel: 5 }),
      head: reconstruction({ ...sizes, winners: { radius: 1, cost: 0.1 } }),
      source: arraySource({ inputs: pictures, targets: pictures, validation: 0.2 }),
    });
    const network: Network = await createNetwork({ trunk: denseTrunk({ width: 4, depth: 1 }), tasks: [task], seed: 1 });
    const trunk = () =>
      internals(network)
        .body.store.all()
        .filter(({ name }) => name.startsWith('column'))
        .map(({ tensor }) => [...tensor.dataSync()]);
    const [before, blocks] = [(await evaluate(network)).scenes!, trunk()];
    await lastValueFrom(train(network, { steps: 300, batch: 16, seed: 1, optimizer: adam({ learningRate: 0.02 }) }));
    const after = (await evaluate(network)).scenes!;
    expect(after['cross-entropy']!).toBeLessThan(before['cross-entropy']! / 5);
    expect(after.drawers).toBeGreaterThanOrEqual(1);
    expect(after.drawers).toBeLessThan(4);
    expect(trunk()).toEqual(blocks);
    network.dispose();
  });

  it('refuses pictures of another size, and sizes that are none', () => {
    const { context, dispose } = contextOf({ kernel: [1], bias: [0] }, 1, 3);
    const head = reconstruction({ ...strip, kernel: 1 })(context);
    expect(() => head.target!.prepare!(new Float32Array(4))).toThrow(
      'Task "t": expected a picture of 3 numbers to draw again, received 4. Correct the head\'s sizes, or the source.',
    );
    expect([...(head.target!.prepare!(Uint8Array.of(0, 51, 255)) as Float32Array)]).toEqual([0, Math.fround(0.2), 1]);
    dispose();
    expect(() => reconstruction({ ...strip, winners: { radius: 0, cost: 1 } })).toThrow(
      'reconstruction: winners: radius must be a whole number >= 1, received 0.',
    );
  });
});
