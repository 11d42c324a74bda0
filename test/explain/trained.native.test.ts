import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { meanInterval } from '../../src/analysis/index.ts';
import {
  type AttributeOptions,
  type Attribution,
  attentionRollout,
  attribute,
  gradCam,
  gradientTimesInput,
  integratedGradients,
  kernelShap,
  occlusion,
  smoothGrad,
} from '../../src/explain/index.ts';
import { convTrunk, createNetwork, type Network } from '../../src/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import { pictureOf, squares, trained } from './trained.ts';

const pictures = Array.from({ length: 12 }, (_, i) => pictureOf(1000 + i));
const methods = [integratedGradients(), gradientTimesInput(), smoothGrad({ samples: 16 }), occlusion(), gradCam()];

describe('explanations of a trained network', () => {
  let network: Network;
  beforeAll(async () => {
    network = await trained();
  }, 60_000);
  afterAll(() => network.dispose());

  const explain = (options: Partial<AttributeOptions> = {}, of = network) =>
    attribute(of, { task: 'squares', inputs: pictures.map(({ input }) => input), ...options });

  /** How much of the size of all values lies on the square, which is a ninth of the picture. */
  const onSquare = ({ parts: [part] }: Attribution, i: number) => {
    const sizes = part!.values.map(Math.abs);
    return pictures[i]!.square.reduce((sum, place) => sum + sizes[place]!, 0) / sizes.reduce((a, b) => a + b, 0);
  };

  it.each(methods.slice(0, 2))('say where the square is: $kind', async (method) => {
    const shares = (await explain({ method })).map(onSquare);
    expect(lowest(shares)).toBeGreaterThan(2 / 9);
  });

  it('sum up to the difference of the outputs', async () => {
    for (const { completeness, output, baselineOutput } of await explain()) {
      expect(completeness!.difference).toBe(output - baselineOutput);
      expect(completeness!.error).toBeLessThan(0.01);
    }
  });

  it('say what they are compared with', async () => {
    const inputs = pictures.slice(0, 1).map(({ input }) => input);
    const other = { examples: [pictures[1]!.input, pictures[2]!.input] };
    const [zeros] = await explain({ inputs });
    const [two] = await explain({ inputs, baseline: other, method: occlusion() });
    const [none] = await explain({ inputs, method: smoothGrad({ samples: 2 }) });
    expect([zeros, two, none].map((each) => each!.comparedWith)).toEqual(['zeros', 2, undefined]);
  });

  it('sum up over tokens that a normalisation lets jump near zeros', async () => {
    const inputs = pictures.slice(0, 4).map(({ input }) => input);
    for (const { completeness } of await explain({ inputs, at: 'tokens' })) {
      expect(completeness!.error).toBeLessThan(0.01);
    }
  });

  it('have a norm where slopes of several numbers would cancel out', async () => {
    const inputs = pictures.slice(0, 1).map(({ input }) => input);
    const [{ parts }] = (await explain({ inputs, at: 'tokens', method: smoothGrad({ samples: 4 }) })) as [Attribution];
    const { values, numbers } = parts[0]!;
    const [tokens, width] = numbers!.shape as [number, number];
    expect(values.length).toBe(tokens);
    for (const [place, value] of values.entries()) {
      const own = numbers!.values.subarray(place * width, (place + 1) * width);
      expect(value).toBeCloseTo(Math.sqrt(own.reduce((sum, slope) => sum + slope * slope, 0)), 12);
    }
  });

  it('warn where they do not', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await explain({ method: integratedGradients({ steps: 1 }), inputs: [pictures[0]!.input] });
    const [[text, name]] = warn.mock.calls as unknown as [[string, string]];
    warn.mockRestore();
    expect(name).toBe('BanyanWarning');
    expect(text).toMatch(
      /^Task "squares": the values of integrated-gradients for input 0 sum up to -?[\d.]+, and the outputs differ by -?[\d.]+: they miss .* % of it, expected at most 1 %. Give the method more steps, or an example as baseline.$/,
    );
  });

  it.each(
    [integratedGradients(), gradientTimesInput(), occlusion()].flatMap((method) =>
      (['deletion', 'insertion'] as const).map((way) => ({ ...method, method, way })),
    ),
  )('find what the network rests on sooner than chance does: $kind, $way', async ({ method, way }) => {
    // Petsiuk, Das and Saenko 2018, section 3.2: the mean output while places go, or come, the most important first.
    const random = new RandomStream(0, 'curves');
    const explained = await explain({ method });
    const gains: number[] = [];
    for (const [i, { input }] of pictures.entries()) {
      const { outcome, parts } = explained[i]!;
      const places = Array.from(input.keys());
      const ranked = places.toSorted((a, b) => parts[0]!.values[b]! - parts[0]!.values[a]!);
      const draws = places.map(() => random.uniform());
      const mixed = places.toSorted((a, b) => draws[a]! - draws[b]!);
      const areas: number[] = [];
      for (const order of [ranked, mixed]) areas.push(await areaUnder(network, way, input, order, outcome.index));
      gains.push((areas[0]! - areas[1]!) * (way === 'deletion' ? -1 : 1));
    }
    expect(lowest(gains)).toBeGreaterThan(0);
  });

  it('are others where the weights are random (Adebayo et al. 2018)', async () => {
    const fresh: Network = await createNetwork({
      trunk: convTrunk({ width: 16, depth: 2 }),
      tasks: [squares()],
      seed: 9,
    });
    try {
      for (const method of methods) {
        const outcome = 'below';
        const [learned, random] = await Promise.all([network, fresh].map((of) => explain({ method, outcome }, of)));
        const alike = pictures.map((_, i) =>
          rankCorrelation(learned![i]!.parts[0]!.values, random![i]!.parts[0]!.values),
        );
        expect(highest(alike), method.kind).toBeLessThan(0.4);
      }
    } finally {
      fresh.dispose();
    }
  }, 60_000);

  it('are told how far they are', async () => {
    const told: unknown[] = [];
    await explain({
      inputs: pictures.slice(0, 2).map(({ input }) => input),
      method: smoothGrad({ samples: 40 }),
      onProgress: (at) => told.push(at),
    });
    expect(told).toContainEqual({ examples: 0, points: 32 });
    expect(told).toContainEqual({ examples: 1, points: 40 });
    expect(told.at(-1)).toEqual({ examples: 2, points: 0 });
  });

  it('say what does not apply', async () => {
    const cases: readonly [options: Partial<AttributeOptions>, text: string][] = [
      [
        { method: attentionRollout() },
        'attention-rollout: the trunk does not attend to its positions, expected blocks of attention, such as those of a transformer. Choose another method.',
      ],
      [
        { method: kernelShap() },
        'kernel-shap: the example has 144 places, expected 2 to 64, such as the columns of a table. Choose another method.',
      ],
      [
        { method: gradCam({ block: 2 }) },
        'grad-cam: block is 2, expected one from 0 to 1, since the outcome reads no more. Choose one of them.',
      ],
      [
        { method: gradCam(), at: 'input' },
        'Task "squares": grad-cam speaks of tokens, received at: "input". Leave `at` out.',
      ],
      [
        { outcome: 'belo' },
        'Task "squares" has no outcome "belo". Expected one of: above, below. Did you mean "below"?',
      ],
      [
        { method: smoothGrad(), baseline: { examples: [pictures[1]!.input] } },
        'Task "squares": smooth-grad looks at the example alone, received a baseline. Leave it out, or choose integrated-gradients, occlusion or kernel-shap.',
      ],
      [
        { baseline: { examples: [] } },
        'Task "squares": expected at least one example as baseline, received none. Give one, or leave the baseline out.',
      ],
      [{ inputs: 3 as never }, 'attribute takes a list of inputs, received 3. Put a single input into a list.'],
    ];
    for (const [options, text] of cases) await expect(explain(options)).rejects.toThrow(text);
  });
});

/** The ends of the 95 % interval of the mean. */
const lowest = (values: readonly number[]) => meanInterval(values).mean - meanInterval(values).halfWidth!;
const highest = (values: readonly number[]) => meanInterval(values).mean + meanInterval(values).halfWidth!;

/** The mean probability while more and more places become 0, or come in their place. */
async function areaUnder(
  network: Network,
  way: 'deletion' | 'insertion',
  input: Float32Array,
  order: readonly number[],
  outcome: number,
): Promise<number> {
  const steps = Array.from({ length: 12 }, (_, step) => {
    const first = new Set(order.slice(0, (step + 1) * 12));
    return input.map((value, place) => (first.has(place) === (way === 'insertion') ? value : 0));
  });
  const predictions = (await network.predict('squares' as never, steps as never)) as { probabilities: Float32Array }[];
  return predictions.reduce((sum, { probabilities }) => sum + probabilities[outcome]! / steps.length, 0);
}

/** Spearman's correlation. */
function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ranks = (values: ArrayLike<number>) => {
    const order = Array.from(values, (value, i) => [value, i] as const).sort(([x], [y]) => x - y);
    const places = new Float64Array(values.length);
    for (const [rank, [, i]] of order.entries()) places[i] = rank - (values.length - 1) / 2;
    return places;
  };
  const [x, y] = [ranks(a), ranks(b)];
  const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return dot(x, y) / dot(x, x);
}
