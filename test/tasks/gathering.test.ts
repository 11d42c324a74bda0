import { runEnvironmentContract } from 'banyan-ml/testing';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/random/index.ts';
import { Gathering, type GatheringOptions } from '../../tasks/gathering/game.ts';
import { golden } from '../golden.ts';
import { type Drawn, Tape } from '../tape.ts';

interface Game extends Required<Pick<GatheringOptions, 'layout' | 'kinds'>> {
  readonly draws: readonly Drawn[];
  readonly objects: readonly (readonly number[])[];
  readonly rows: readonly string[];
  readonly actions: string;
  readonly rewards: readonly number[];
  readonly agent: readonly (readonly number[])[];
  readonly left: readonly number[];
  /** Numbers of the steps after which the episode is over. */
  readonly over: readonly number[];
  /** The field after a step, by its number. */
  readonly pictures: Readonly<Record<string, readonly string[]>>;
}

const SIGNS = '+xo';

const listed = (game: Gathering) => game.objects().map(({ type, row, column }) => [type, row, column]);

function fieldOf(game: Gathering): string[] {
  const rows = Array.from({ length: 9 }, () => [...'.........']);
  for (const { type, row, column } of game.objects()) rows[row]![column] = SIGNS[type]!;
  return rows.map((row) => row.join(''));
}

/** The white pixels of a picture, as lines of text. */
function pixelsOf(game: Gathering): string[] {
  const seen = new Float32Array(54 * 54);
  game.observe(seen);
  return Array.from({ length: 54 }, (_, row) =>
    [...seen.subarray(54 * row, 54 * (row + 1))].map((value) => (value === 1 ? '#' : '.')).join(''),
  );
}

describe('Gathering', () => {
  const { games } = golden<{ games: readonly Game[] }>('gathering');

  it.each(games)('plays $layout, $kinds as it was recorded', (recorded) => {
    const { layout, kinds, draws, objects, rows, actions, rewards, agent, left, over, pictures } = recorded;
    const game = new Gathering({ layout, kinds });
    const tape = new Tape(draws);
    game.reset(tape.stream);
    expect(tape.over).toBe(true);
    expect(listed(game)).toEqual([[0, 4, 4], ...objects]);
    expect(fieldOf(game)).toEqual(rows);
    for (const [i, action] of [...actions].entries()) {
      expect(game.truncated).toBe(false);
      expect(game.step(Number(action)), `step ${i}`).toBe(rewards[i]);
      const [first, ...others] = listed(game);
      expect(first).toEqual([0, ...agent[i]!]);
      expect(others.length).toBe(left[i]);
      expect(game.truncated).toBe(over.includes(i));
      if (pictures[i] !== undefined) expect(fieldOf(game), `step ${i}`).toEqual(pictures[i]);
    }
    expect(actions.length).toBe(100);
    expect(game.terminated).toBe(false);
  });

  it.each(games)('of layout $layout, kinds $kinds keeps the contract of environments', async ({ layout, kinds }) => {
    await runEnvironmentContract(() => new Gathering({ layout, kinds }));
  });

  it('shows each object in its cell', () => {
    const game = new Gathering({ layout: 'grid' });
    game.reset(new RandomStream(0, 'none'));
    const rows = pixelsOf(game);
    const cell = (row: number, column: number) =>
      rows.slice(6 * row, 6 * row + 6).map((line) => line.slice(6 * column, 6 * column + 6));
    expect(cell(4, 4)).toEqual(['..#...', '..#...', '#####.', '..#...', '..#...', '......']);
    expect(cell(1, 1)).toEqual(['#...#.', '.#.#..', '..#...', '.#.#..', '#...#.', '......']);
    expect(cell(1, 3)).toEqual(['.###..', '#...#.', '#...#.', '#...#.', '.###..', '......']);
    expect(cell(0, 0).join('')).toBe('.'.repeat(36));
    // Of a plus 9 pixels, of a cross 9, of a circle 12.
    expect(rows.join('').replaceAll('.', '').length).toBe(9 + 8 * 9 + 8 * 12);
    const { width, height, rgb } = game.draw();
    expect([width, height]).toEqual([54, 54]);
    expect([...rgb].map((value) => (value === 255 ? '#' : '.')).join('')).toBe(
      [...rows.join('')].map((pixel) => pixel.repeat(3)).join(''),
    );
  });

  it('refuses a number of steps that is none', () => {
    expect(() => new Gathering({ steps: 0 })).toThrow('Gathering: steps must be a whole number >= 1, received 0.');
  });

  // A random player collects 3.4 + 3.4 of 8 + 8 in random places and 3.8 + 3.8 on the grid, by the prototypes.
  it.each([
    ['random', 3.4],
    ['grid', 3.8],
  ] as const)('gives a random player what it gives elsewhere, layout %s', (layout, expected) => {
    const draws = new RandomStream(3, layout);
    const game = new Gathering({ layout });
    const episodes = 2000;
    let [crosses, circles] = [0, 0];
    for (let i = 0; i < episodes; i++) {
      game.reset(draws);
      while (!game.truncated) {
        const reward = game.step(draws.integer(4));
        if (reward > 0) crosses++;
        else if (reward < 0) circles++;
      }
    }
    expect(Math.abs(crosses / episodes - expected)).toBeLessThan(0.1);
    expect(Math.abs(circles / episodes - expected)).toBeLessThan(0.1);
  });
});
