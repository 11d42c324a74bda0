import { describe, expect, it } from 'vitest';
import { type TrunkExplanation, trunkJson, trunkPage } from '../../src/explain/index.ts';
import { spreadOf } from '../../src/explain/trunk-page/shares-svg.ts';

const picture = { kind: 'picture', width: 1, height: 1, rgb: Uint8Array.of(1, 2, 3) } as const;
const traced = (name: string, influence: number) => ({ name, input: 0, target: 1, influence, control: 0.01 });

const found: TrunkExplanation = {
  probes: [
    {
      task: 'left',
      labels: 'its classes',
      trunks: [
        { name: 'this run', depths: [0, 1].map((depth) => ({ depth, accuracy: 0.5 + depth / 4, control: 0.1 })) },
        { name: 'random weights', depths: [0, 1].map((depth) => ({ depth, accuracy: 0.2, control: 0.1 })) },
      ],
    },
  ],
  similarities: [
    { task: 'left', first: 'this run', second: 'random weights', similarity: [[0.625]], control: [[0.125]] },
  ],
  units: {
    tasks: ['left', 'right'],
    blocks: [
      {
        block: 0,
        shares: [
          [1, 0],
          [0, 1],
        ],
        control: [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
      },
    ],
  },
  maps: [],
  influences: [
    {
      ...{ of: 'left', on: 'right', example: 'validation example 3', common: 0.2, alike: 0.25, display: [picture] },
      examples: [traced('training example 1', 0.75), traced('training example 2', -0.1)],
      displays: {
        'training example 1': { label: 'bag', display: [picture] },
        'training example 2': { label: 'shoe', display: [{ kind: 'words', text: 'some words' }] },
      },
    },
  ],
  notes: ['A task has no labels.'],
};

describe('the page about a trunk', () => {
  it('has a picture and its control of all that was found', async () => {
    const html = await trunkPage('The trunk of a run', found);
    for (const text of [
      'What can be read off the trunk, by depth',
      'left: its classes (dashed: shuffled labels)',
      'what it says',
      'left: this run downwards, random weights to the right',
      'the same, shuffled examples',
      '0.63',
      '0.13',
      'labels as they are: 0.500',
      'shuffled labels: 0.000',
      'Which training examples of left helped or hurt right on validation example 3?',
      'training example 1: bag, helped +0.750',
      'training example 2: shoe, hurt −0.100, as chance does',
      'some words',
      'Like the order at random weights by +0.250 (Spearman)',
      'A task has no labels.',
    ])
      expect(html).toContain(text);
    // Two charts by Vega, two grids, the units, the example and one of the training examples.
    expect(html.match(/<svg/g)!.length).toBe(7);
  });

  it('has its numbers without the inputs', () => {
    const json = trunkJson(found);
    expect(json.influences).toEqual([
      {
        ...{ of: 'left', on: 'right', example: 'validation example 3', common: 0.2, alike: 0.25 },
        examples: [
          { name: 'training example 1', label: 'bag', influence: 0.75, control: 0.01 },
          { name: 'training example 2', label: 'shoe', influence: -0.1, control: 0.01 },
        ],
      },
    ]);
    expect(spreadOf([[1, 0]])).toBe(0.5);
  });
});
