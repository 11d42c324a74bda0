import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/random/index.ts';
import { SpaceInvaders } from '../../tasks/space-invaders/index.ts';
import { golden } from '../golden.ts';

interface Episode {
  readonly policy: string;
  readonly ramping: boolean;
  readonly actions: string;
  readonly rewards: string;
  readonly return: number;
  readonly terminal: boolean;
  readonly length: number;
  readonly snapshots: readonly { readonly step: number; readonly channels: readonly (readonly number[])[] }[];
}

const CHANNELS = 6;

/** The flat places (row x 10 + column) that are set, by channel. */
function channelsOf(game: SpaceInvaders): number[][] {
  const seen = new Float32Array(600);
  game.observe(seen);
  return Array.from({ length: CHANNELS }, (_, channel) =>
    Array.from({ length: 100 }, (_, cell) => cell).filter((cell) => seen[cell * CHANNELS + channel] === 1),
  );
}

describe('Space Invaders', () => {
  const { episodes } = golden<{ episodes: readonly Episode[] }>('space_invaders');
  const random = new RandomStream(0, 'none');

  it.each(episodes.map((episode, i) => [i, episode.policy, episode] as const))(
    'plays episode %d (%s) as it was recorded',
    (_, _policy, episode) => {
      const game = new SpaceInvaders({ sticky: 0, ramping: episode.ramping });
      game.reset();
      const snapshots = new Map(episode.snapshots.map(({ step, channels }) => [step, channels]));
      let rewards = '';
      for (const [i, action] of [...episode.actions].entries()) {
        expect(game.terminated).toBe(false);
        rewards += game.step(Number(action), random);
        const channels = snapshots.get(i + 1);
        if (channels !== undefined) expect(channelsOf(game), `step ${i + 1}`).toEqual(channels);
      }
      expect(rewards).toBe(episode.rewards);
      expect(rewards.length).toBe(episode.length);
      expect([...rewards].reduce((sum, reward) => sum + Number(reward), 0)).toBe(episode.return);
      expect(game.terminated).toBe(episode.terminal);
    },
  );

  /** Mean return and its standard error over so many episodes of random actions. */
  function randomReturns(actions: readonly number[], episodes: number): { mean: number; error: number } {
    const game = new SpaceInvaders();
    const draws = new RandomStream(5, `${actions}`);
    let [sum, squares] = [0, 0];
    for (let i = 0; i < episodes; i++) {
      game.reset();
      let total = 0;
      while (!game.terminated) total += game.step(actions[draws.integer(actions.length)]!, draws);
      sum += total;
      squares += total * total;
    }
    const mean = sum / episodes;
    return { mean, error: Math.sqrt((squares / episodes - mean * mean) / episodes) };
  }

  it.each([
    ['all six actions', [0, 1, 2, 3, 4, 5], 2.84],
    ['the four that do something', [0, 1, 3, 5], 4.1],
  ])('gives a random player of %s what it gives elsewhere', (_, actions, expected) => {
    const { mean, error } = randomReturns(actions, 100_000);
    expect(error).toBeLessThan(0.015);
    expect(Math.abs(mean - expected)).toBeLessThan(0.07);
  });

  it('goes on from a state as if nothing had been', () => {
    const [game, copy] = [new SpaceInvaders(), new SpaceInvaders()];
    game.reset();
    const [one, other] = [new RandomStream(1, 'a'), new RandomStream(1, 'a')];
    for (let i = 0; i < 13; i++) game.step(i % 6, one);
    for (let i = 0; i < 13; i++) other.uniform();
    copy.restore(JSON.parse(JSON.stringify(game.state())));
    for (let i = 0; i < 200 && !game.terminated; i++) {
      expect(copy.step(i % 6, other)).toBe(game.step(i % 6, one));
      expect(channelsOf(copy)).toEqual(channelsOf(game));
    }
    expect(copy.terminated).toBe(game.terminated);
  });

  it('repeats the action before as often as it is said', () => {
    const draws = new RandomStream(9, 'sticky');
    let repeated = 0;
    const games = 4000;
    for (let i = 0; i < games; i++) {
      const game = new SpaceInvaders({ sticky: 0.25 });
      game.reset();
      // The one before a first one is none: the cannon then stays.
      game.step(3, draws);
      if (channelsOf(game)[0]![0] === 95) repeated++;
    }
    expect(Math.abs(repeated / games - 0.25)).toBeLessThan(0.03);
  });
});
