import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compareTrunks,
  conceptInfluence,
  conceptPage,
  conceptText,
  probeTrunk,
  unitShares,
} from '../../src/explain/index.ts';
import { convTrunk, createNetwork, denseTrunk, type Network } from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { numbersTask } from '../fixtures.ts';
import { pictureOf, squares, trained } from './trained.ts';

const pictures = Array.from({ length: 64 }, (_, i) => pictureOf(2000 + i));
const inputs = pictures.map(({ input }) => input);
const labels = pictures.map(({ target }) => target!);

describe('the trunk of a trained network', () => {
  let network: Network;
  let fresh: Network;
  beforeAll(async () => {
    network = await trained();
    fresh = await createNetwork({ trunk: convTrunk({ width: 16, depth: 2 }), tasks: [squares()], seed: 9 });
  }, 120_000);
  afterAll(() => {
    network.dispose();
    fresh.dispose();
  });
  const learned = () => ({ network, task: 'squares' });

  it('has what was learned, depth by depth, and nothing that shuffled labels show', async () => {
    const probes = await probeTrunk(learned(), { inputs, labels });
    expect(probes.map(({ depth }) => depth)).toEqual([0, 1, 2]);
    expect(probes.at(-1)!.accuracy).toBeGreaterThan(0.9);
    for (const { control } of probes) expect(Math.abs(control - 0.5)).toBeLessThan(0.15);
    const [untrained] = (await probeTrunk({ network: fresh, task: 'squares' }, { inputs, labels })).slice(-1);
    expect(untrained!.accuracy).toBeLessThan(probes.at(-1)!.accuracy);
    await expect(probeTrunk(learned(), { inputs, labels: labels.slice(1) })).rejects.toThrow(
      'probeTrunk: expected at least 4 inputs and a label for each, a whole number from 0, received 64 inputs and 63 labels. Give each input its label.',
    );
  });

  it('is like itself, less like an untrained one, and not like shuffled examples', async () => {
    const same = await compareTrunks(learned(), learned(), { inputs });
    for (const depth of [0, 1, 2]) {
      expect(same.similarity[depth]![depth]).toBeCloseTo(1, 6);
      expect(same.control[depth]![depth]).toBeLessThan(0.5);
    }
    const other = await compareTrunks(learned(), { network: fresh, task: 'squares' }, { inputs });
    expect(other.similarity[2]![2]).toBeLessThan(0.95);
  });

  it('has a concept that moves an outcome, and none in examples that were mixed (Kim et al. 2018)', async () => {
    const ofLabel = (label: number) => inputs.filter((_, i) => labels[i] === label);
    const request = { task: 'squares', inputs: inputs.slice(0, 10) };
    const concepts = { 'a square below': ofLabel(1) };
    const found = await conceptInfluence(network, { ...request, concepts, others: ofLabel(0) });
    expect(found.map(({ concept, outcome, depth }) => [concept, outcome, depth])).toEqual([
      ['a square below', 'above', 1],
      ['a square below', 'below', 1],
      ['a square below', 'above', 2],
      ['a square below', 'below', 2],
    ]);
    const [against, speaking] = found.slice(2);
    expect(speaking!.score).toBeGreaterThan(0.9);
    expect(speaking!.effect).toBeGreaterThan(speaking!.control);
    expect(speaking!.pValue).toBeLessThan(0.01);
    expect(against!.effect).toBeLessThan(-against!.control);
    // Several at once, one of which is none: each is tested among all of them.
    const several = {
      ...concepts,
      mixed: [...ofLabel(0).slice(0, 8), ...ofLabel(1).slice(0, 8)],
    };
    const others = [...ofLabel(0).slice(8, 16), ...ofLabel(1).slice(8, 16)];
    const tested = await conceptInfluence(network, { ...request, outcomes: ['below'], concepts: several, others });
    expect(tested.length).toBe(4);
    for (const { concept, pValue } of tested) if (concept === 'mixed') expect(pValue).not.toBeLessThan(0.05);
    expect(tested.find(({ concept, depth }) => concept === 'a square below' && depth === 2)!.pValue).toBeLessThan(0.05);
    // With 3 runs no share is below a quarter, and four tests make 1 of it.
    const few = await conceptInfluence(network, { ...request, concepts, others: ofLabel(0), runs: 3 });
    for (const { pValue } of few) expect(pValue).toBeGreaterThanOrEqual(0.25);
    expect(conceptText(found)).toMatch(/^concept +outcome +block +score +effect +of random directions +p\n/);
    expect(conceptPage('Concepts', found)).toContain('a square below: scores by outcome and block');
    await expect(
      conceptInfluence(network, { ...request, concepts: { few: inputs.slice(0, 3) }, others: inputs }),
    ).rejects.toThrow(
      'conceptInfluence: expected at least 4 examples with each concept and as many without, received 3 of "few". Give more.',
    );
  }, 60_000);
});

describe('unitShares', () => {
  it('gives each unit to the task whose head alone reads it', async () => {
    const tasks = [numbersTask('first'), numbersTask('second', (x) => x[2]!)];
    const network: Network = await createNetwork({ trunk: denseTrunk({ width: 6, depth: 2 }), tasks, seed: 4 });
    try {
      const variables = internals(network).body.store.all();
      const kernel = (name: string) => variables.find((variable) => variable.name === name)!.tensor;
      tf.tidy(() => {
        kernel('head/first/kernel').assign(tf.tensor2d([1, 1, 1, 0, 0, 0], [6, 1]));
        kernel('head/second/kernel').assign(tf.tensor2d([0, 0, 0, 1, 1, 1], [6, 1]));
      });
      const [middle, last] = await unitShares(network, { examples: 32 });
      // A unit that is never on is nobody's.
      for (const [unit, shares] of last!.shares.entries()) {
        expect([unit < 3 ? [1, 0] : [0, 1], [0.5, 0.5]]).toContainEqual(shares);
      }
      expect(last!.shares.filter(([first]) => first !== 0.5).length).toBeGreaterThan(2);
      for (const { shares, control } of [middle!, last!]) {
        for (const each of [...shares, ...control]) expect(each[0]! + each[1]!).toBeCloseTo(1, 8);
      }
      await expect(unitShares(network, { tasks: ['first'] })).rejects.toThrow(
        'unitShares: expected at least two tasks of one column, received first. Name tasks that share a trunk.',
      );
    } finally {
      network.dispose();
    }
  });
});
