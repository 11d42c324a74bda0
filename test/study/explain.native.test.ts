import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectStem, relationalReplay, rules } from 'banyan-ml/heads/control';
import { describe, expect, it } from 'vitest';
import { explanationText } from '../../src/cli/print/explanation.ts';
import { createNetwork, defineTask, denseTrunk } from '../../src/index.ts';
import { explainRun } from '../../src/study/run/explain.ts';
import { Gathering } from '../../tasks/gathering/game.ts';
import { numbersTask } from '../fixtures.ts';

const { actions, objectTypes: types } = new Gathering();
const game = (name: string) =>
  defineTask({
    name,
    stem: objectStem({ types: 3, reach: 8, most: 17 }),
    head: rules({ actions, types, reach: 8 }),
    source: relationalReplay({
      environment: () => new Gathering({ layout: 'grid' }),
      task: name,
      episodes: { validation: 2, test: 4 },
    }),
  });
const trunk = denseTrunk({ width: 8, depth: 1 });
const folder = mkdtempSync(join(tmpdir(), 'banyan-explain-'));
const written = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('a network that a person can read', () => {
  it('plays by rules that were written by hand, and writes them again', async () => {
    const network = await createNetwork({ trunk, tasks: [game('game'), numbersTask('numbers')], seed: 1 });
    const before = await explainRun(network);
    expect(before).toEqual([{ task: 'game', sentences: ['Nothing was learned yet: all values are 0.'] }]);
    // Go to any cross along its row or column, and to no circle beside.
    const moves = { up: [-1, 0], right: [0, 1], down: [1, 0], left: [0, -1] } as const;
    const list = Object.entries(moves).flatMap(([action, [down, right]]) => [
      { type: 'circle', down, right, values: { [action]: -1 } },
      ...Array.from({ length: 8 }, (_, i) => i + 1).flatMap((far) =>
        Array.from({ length: 2 * far + 1 }, (_, i) => i - far).map((aside) => ({
          type: 'cross',
          down: down * far + Math.abs(right) * aside,
          right: right * far + Math.abs(down) * aside,
          values: { [action]: 0.9 ** (far + Math.abs(aside)) },
        })),
      ),
    ]);
    // A diagonal place has two good actions, and one rule.
    const merged = new Map<string, { type: string; values: object }>();
    for (const rule of list) {
      const key = `${rule.type} ${rule.down} ${rule.right}`;
      merged.set(key, { ...rule, values: { ...merged.get(key)?.values, ...rule.values } });
    }
    const use = written('hand.json', JSON.stringify([...merged.values()]));
    const write = join(folder, 'again.json');
    const [explained] = await explainRun(network, { task: 'game', use, write });
    expect(explained!.metrics!.rewarded).toBe(8);
    expect(explained!.metrics!.punished).toBe(0);
    expect(explained!.sentences[0]).toMatch(/^Go to a cross: touching it is worth 0\.90, 0\.81 from 2 steps away/);
    const text = explanationText([explained!]);
    expect(text).toContain('game:\nGo to a cross');
    expect(text).toContain('By these rules:');
    const lines = readFileSync(write, 'utf8').trim().split('\n');
    expect(lines.length).toBe(2 + merged.size);
    expect(JSON.parse(lines.join('\n'))).toHaveLength(merged.size);
    // The same rules again say the same.
    expect((await explainRun(network, { use: write }))[0]!.sentences).toEqual(explained!.sentences);
    network.dispose();
  });

  it('is told apart from one that is not, and from a file that is none', async () => {
    const network = await createNetwork({
      trunk,
      tasks: [game('game'), game('other'), numbersTask('numbers')],
      seed: 1,
    });
    await expect(explainRun(network, { task: 'numbers' })).rejects.toThrow(
      'explain: the head of task "numbers" is none that a person can read, expected one such as rules. Name a run with one, or files whose predictions are to be explained.',
    );
    await expect(explainRun(network, { write: join(folder, 'two.json') })).rejects.toThrow(
      'explain: a file holds the rules of one task, and there are those of game, other. Name one by --task.',
    );
    await expect(explainRun(network, { task: 'game', use: join(folder, 'absent.json') })).rejects.toThrow(
      /absent\.json cannot be read: ENOENT.*Expected a JSON list, as --write makes it\. Correct the file\./,
    );
    await expect(explainRun(network, { task: 'game', write: join(folder, 'absent', 'r.json') })).rejects.toThrow(
      `${join(folder, 'absent', 'r.json')} cannot be written: there is no such file or folder. Check the path.`,
    );
    await expect(explainRun(network, { task: 'game', use: written('odd.json', '{}') })).rejects.toThrow(
      'A rule: expected a list of rules, received {}.',
    );
    network.dispose();
  });
});
