import { describe, expect, it } from 'vitest';
import { AgentFinder } from '../../../../heads/control/symbols/agent.ts';
import { ObjectTypes } from '../../../../heads/control/symbols/object-types.ts';
import { salientPixels } from '../../../../heads/control/symbols/salience.ts';
import { Tracker } from '../../../../heads/control/symbols/tracking.ts';
import type { SeenObject } from '../../../../src/index.ts';
import { RandomStream } from '../../../../src/random/index.ts';
import { Gathering } from '../../../../tasks/gathering/game.ts';
import { golden } from '../../../golden.ts';

interface Frame {
  readonly objects: readonly (readonly [number, number, number])[];
}
interface Followed extends Frame {
  readonly neighbours: readonly [readonly number[], readonly number[]];
  readonly likelihoods: readonly { readonly before: number; readonly now: number; readonly likelihood: number }[];
  readonly pairs: readonly (readonly [number, number])[];
  readonly vanished: readonly number[];
  readonly appeared: readonly number[];
  readonly transitions: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const recorded = golden<{
  salience: {
    code: readonly (readonly (readonly number[])[])[];
    cases: readonly { threshold: number; radius: number; hits: readonly (readonly number[])[] }[];
  };
  types: {
    limit: number;
    steps: readonly {
      spectrum: readonly number[];
      distances: readonly number[];
      type: number;
      means: readonly (readonly number[])[];
      counts: readonly number[];
    }[];
  };
  tracking: { weights: [number, number, number]; least: number; near: number; frames: [Frame, ...Followed[]] };
}>('perception');

const objectsOf = ({ objects }: Frame): SeenObject[] => objects.map(([type, row, column]) => ({ type, row, column }));

describe('salient pixels', () => {
  const { code: rows, cases } = recorded.salience;
  const values = Float32Array.from(rows.flat(2));
  const code = { height: 9, width: 9, channels: 3, values };

  it.each(cases)('are as they were recorded: threshold $threshold, radius $radius', ({ threshold, radius, hits }) => {
    const found = salientPixels(code, { threshold, radius });
    expect(found.map(({ row, column }) => [row, column])).toEqual(hits);
    for (const { row, column, spectrum } of found) expect([...spectrum]).toEqual(rows[row]![column]);
  });

  it('are none where nothing is', () => {
    expect(salientPixels({ ...code, values: new Float32Array(243) })).toEqual([]);
  });
});

describe('types', () => {
  it('are told apart as it was recorded', () => {
    const { limit, steps } = recorded.types;
    const types = new ObjectTypes(limit);
    for (const { spectrum, distances, type, means, counts } of steps) {
      expect(types.distances(spectrum)).toEqual(distances);
      expect(types.learn(spectrum)).toBe(type);
      expect(types.types.map(({ mean }) => [...mean])).toEqual(means);
      expect(types.types.map(({ count }) => count)).toEqual(counts);
    }
  });

  it('are the nearest, without learning', () => {
    const types = new ObjectTypes(1);
    expect(types.nearest([1, 0])).toBeUndefined();
    types.learn([1, 0]);
    types.learn([0, 3]);
    expect(types.nearest([0.9, 9])).toBe(1);
    expect(types.types.map(({ count }) => count)).toEqual([1, 1]);
  });
});

describe('tracking', () => {
  it('follows objects as it was recorded', () => {
    const { frames, ...options } = recorded.tracking;
    const tracker = new Tracker(options);
    const [first, ...others] = frames;
    let before = objectsOf(first);
    for (const [i, frame] of others.entries()) {
      const now = objectsOf(frame);
      expect([tracker.neighbours(before), tracker.neighbours(now)]).toEqual(frame.neighbours);
      expect(tracker.likelihoods(before, now), `frame ${i}`).toEqual(frame.likelihoods);
      const { pairs, vanished, appeared } = tracker.follow(before, now);
      expect({ pairs, vanished, appeared }).toEqual({
        pairs: frame.pairs,
        vanished: frame.vanished,
        appeared: frame.appeared,
      });
      for (const [type, row] of Object.entries(frame.transitions))
        expect(Object.fromEntries(tracker.transitions(Number(type)))).toEqual(row);
      before = now;
    }
    expect(others.length).toBe(4);
  });

  it('finds the one that acts by its moves, and their length', () => {
    const agent = new AgentFinder();
    expect([agent.type, agent.step]).toEqual([undefined, undefined]);
    const [game, tracker, random] = [new Gathering(), new Tracker({ near: 4.5 }), new RandomStream(2, 'moves')];
    // As by eyes that see three pixels a cell, in an order and under numbers of their own.
    const look = () =>
      game.objects().map(({ type, row, column }) => ({ type: (type + 2) % 3, row: 3 * row, column: 3 * column + 1 }));
    game.reset(random);
    let before = look();
    while (!game.truncated) {
      game.step(random.integer(4));
      const now = look().reverse();
      agent.watch(before, now, tracker.follow(before, now));
      before = now;
    }
    expect([agent.type, agent.step]).toEqual([2, 3]);
  });
});
