import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
import {
  type AnyTask,
  convTrunk,
  createNetwork,
  type Network,
  stackedTrunk,
  transformerTrunk,
} from '../../src/index.ts';
import { RandomStream } from '../../src/random/index.ts';
import { disagreement } from '../golden.ts';
import { attending, convolutional, expected, picture, tabular } from './networks.ts';

type Asked = Omit<AttributeOptions, 'task' | 'inputs'>;

async function explained(network: Network, input: readonly number[], asked: Asked): Promise<Attribution> {
  try {
    return (await attribute(network, { task: 'toy', inputs: [Float32Array.from(input)], ...asked }))[0]!;
  } finally {
    network.dispose();
  }
}

const valuesIn = ({ parts: [part] }: Attribution) => part!.numbers?.values ?? part!.values;

describe('an attribution', () => {
  const { input, baseline, output } = expected.convolutional;
  const examples = [Float32Array.from(baseline!)];
  const cases: readonly (readonly [name: string, asked: Asked])[] = [
    ['integratedGradients', { method: integratedGradients({ steps: 32 }) }],
    ['fromBaseline', { method: integratedGradients({ steps: 32 }), baseline: { examples } }],
    ['onTokens', { method: integratedGradients({ steps: 32 }), at: 'tokens' }],
    ['gradientTimesInput', { method: gradientTimesInput() }],
    ['smoothGrad', { method: smoothGrad({ samples: 4 }) }],
    ['occlusion', { method: occlusion({ window: 2, stride: 1 }) }],
    ['occlusionByTwo', { method: occlusion({ window: 3, stride: 2 }), baseline: { examples } }],
    ['gradCam', { method: gradCam() }],
  ];

  // Of 32 points, as many as Captum was given, some sums are off.
  beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  // Eagerly and as a graph in turn: both have to give what Captum does.
  it.each(cases.map(([name, asked], i) => ({ name, asked, compile: i % 2 === 0 ? 'graph' : 'eager' }) as const))(
    'is that of Captum: $name, $compile',
    async ({ name, asked, compile }) => {
      const attribution = await explained(await convolutional(), input!, { ...asked, outcome: 'b', compile });
      expect(attribution.outcome).toEqual({ index: 1, name: 'b' });
      expect(attribution.output).toBeCloseTo(output![1]!, 4);
      expect(disagreement(valuesIn(attribution), expected.convolutional[name], 0, 1e-4)).toBeLessThan(1);
    },
  );

  it('by SmoothGrad has the noise that Captum was given', () => {
    const random = new RandomStream(0, 'explain/smooth-grad');
    const drawn = expected.noise.map(() => random.normal());
    expect(disagreement(drawn, expected.noise, 0, 1e-8)).toBeLessThan(1);
  });

  it('by attention roll-out is what the weights of torch’s attention multiply to', async () => {
    const { input, rollout } = expected.attending;
    const attribution = await explained(await attending(), input!, { method: attentionRollout() });
    const rows = rollout as unknown as readonly number[][];
    const mean = rows[0]!.map((_, from) => rows.reduce((sum, row) => sum + row[from]! / rows.length, 0));
    expect(disagreement(valuesIn(attribution), mean, 0, 1e-5)).toBeLessThan(1);
  });

  it('by attention roll-out is refused where blocks that do not attend mix the positions', async () => {
    const parts = [convTrunk({ width: 8, depth: 1 }), transformerTrunk({ width: 8, depth: 2, heads: 2 })];
    const network: Network = await createNetwork({ trunk: stackedTrunk(...parts), tasks: [picture as AnyTask] });
    await expect(explained(network, expected.attending.input!, { method: attentionRollout() })).rejects.toThrow(
      'attention-rollout: 1 of the 3 blocks of the trunk do not attend, expected blocks of attention alone, since how others mix the positions is not seen. Choose another method.',
    );
  });

  it('by Kernel SHAP is that of shap', async () => {
    const { input, background, kernelShap: values, expected: before } = expected.tabular;
    const examples = background as unknown as readonly (readonly number[])[];
    const attribution = await explained(await tabular(), input!, { method: kernelShap(), baseline: { examples } });
    expect(disagreement(valuesIn(attribution), values, 0, 1e-4)).toBeLessThan(1);
    expect(attribution.baselineOutput).toBeCloseTo(before as unknown as number, 4);
    expect(attribution.completeness!.error).toBeLessThan(1e-5);
    // Half of the sets are drawn: near, and still summing up.
    const drawn = await explained(await tabular(), input!, {
      method: kernelShap({ sets: 16 }),
      baseline: { examples },
    });
    expect(disagreement(valuesIn(drawn), values, 0, 0.5)).toBeLessThan(1);
    expect(drawn.completeness!.error).toBeLessThan(1e-5);
  });
});
