// Kills of the commands that make many runs: started again, they go on, and end with the same result.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root, temporaryFolder } from '../repository.ts';
import { compileFaults } from './faults.ts';
import { record } from './record.ts';
import { KILLS, killEverywhere, type Work, withoutClock } from './survive.ts';

/** They take longer than a run: their calls on files are sampled. */
const MOST = Math.min(KILLS, 120);

const folder = temporaryFolder();
const library = compileFaults(folder);
const points = join(root, 'test/cli/fixtures/points.ts');

function experiment(name: string, more: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `seed: 1\nplugins: [${points}]\n${more}`);
  return file;
}

const compared = experiment(
  'compare',
  `
trunk: { kind: transformer, width: 8, depth: 1, heads: 2, dropout: 0.1 }
tasks: { above: , right: }
training: { steps: 6, batch: 8, threads: 1, checkpoint: { every: 2 } }
`,
);
const transferred = experiment(
  'transfer',
  `
trunk: { kind: transformer, width: 8, depth: 2, heads: 2, dropout: 0.1 }
tasks: { above: }
training: { steps: 4, batch: 8, threads: 1 }
transfer:
  targets: [right]
  examples: [0.1]
  seeds: 1
  training: { steps: 2, batch: 8 }
  points: 1
  evaluateExamples: 50
`,
);

/** What the runs of a comparison came to. */
function comparisonOf(out: string): Record<string, string> {
  const runs = join(out, 'runs');
  const weights = readdirSync(runs).flatMap((name) => {
    const file = join(runs, name, 'network/weights.safetensors');
    return existsSync(file) ? [[`weights of ${name}`, readFileSync(file, 'base64')] as const] : [];
  });
  return { ...Object.fromEntries(weights), result: withoutClock(readFileSync(join(out, 'result.json'), 'utf8')) };
}

const transferOf = (out: string): Record<string, string> => ({
  result: withoutClock(readFileSync(join(out, 'result.json'), 'utf8')),
  runs: readFileSync(join(out, 'runs.jsonl'), 'utf8').trimEnd().split('\n').map(withoutClock).join('\n'),
});

const works: Work[] = [
  {
    name: 'compare',
    args: (out) => ['compare', compared, '--methods', 'equal', '--seeds', '1', '--out', out],
    outcome: comparisonOf,
  },
  { name: 'transfer', args: (out) => ['transfer', transferred, '--out', out], outcome: transferOf },
];

it.each(works)('`banyan $name` goes on after kills, to the same result', async (work) => {
  if ('missing' in library) throw new Error(library.missing);
  const { lost, kills, figures } = await killEverywhere(library, folder, work, MOST);
  await record(`\`${work.name}\`, killed at calls on files`, figures, { kills, lost: lost.length });
  expect(lost).toEqual([]);
});
