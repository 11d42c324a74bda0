import type { SourceContext } from 'banyan-ml/data';
import { replay, rollouts } from 'banyan-ml/heads/control';
import { describe, expect, it } from 'vitest';
import { NO_NETWORK } from '../../../src/task/source.ts';
import { Catch } from '../../../tasks/catch/game.ts';

/** A head that prefers the first action, without a network. */
const predict: SourceContext['predict'] = async (_, inputs) =>
  inputs.map(() => ({ policy: Float32Array.of(1, 0, 0), value: Float32Array.of(0.5) }));

interface State {
  readonly round: { readonly observations: Float32Array };
}

describe('experience', () => {
  it('has a seed that is one', () => {
    for (const [name, source] of Object.entries({ rollouts, replay })) {
      expect(() => source({ environment: () => new Catch(), task: 'catch', seed: Number.NaN })).toThrow(
        `${name}: seed must be a whole number from 0 to 2^53 - 1, received NaN. Give such`,
      );
    }
  });
});

describe('rollouts', () => {
  it.each([1, 2, 3])('leave what a state holds as it is until the update after it, of %i rounds', async (perUpdate) => {
    const options = { environments: 4, steps: 8, epochs: 1 };
    const source = rollouts({ environment: () => new Catch(), task: 'catch', ...options });
    const indices = Array.from({ length: 32 }, (_, i) => i); // All of a round.
    let held: State | undefined;
    let copy: State | undefined;
    const memories = new Set<ArrayBufferLike>();
    for (let step = 0; step < 8; step++) {
      for (let batch = 0; batch < perUpdate; batch++) {
        await source.read('training', indices, { ...NO_NETWORK, step, predict });
        expect(held).toEqual(copy);
      }
      held = source.state!() as unknown as State;
      copy = structuredClone(held);
      memories.add(held.round.observations.buffer);
    }
    // And take the same memory again afterwards, where an update is one round.
    expect(memories.size).toBe(perUpdate === 1 ? 2 : 8);
  });
});
