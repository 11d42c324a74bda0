// SIGKILLs at random moments of commands of many parts, of the command's own process alone: what it has started ends with it, and
// started again at once it goes on.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RandomStream } from '../../src/random/index.ts';
import { whileLocked } from '../../src/study/lock/lock.ts';
import { builtCommand, root, temporaryFolder } from '../repository.ts';
import { processesOf, unfinishedIn } from './left.ts';
import { banyan } from './program.ts';
import { record } from './record.ts';
import { KILLS } from './survive.ts';

const MOST = Math.min(KILLS, 25);
/** Milliseconds that a command is left alone, at most: about what the whole of its work takes. */
const LONGEST = 8000;
/** Milliseconds in which what a killed command has started is gone. One that is itself just starting sees its parent missing. */
const GONE = 15_000;

const folder = temporaryFolder();
const points = join(root, 'test/cli/fixtures/points.ts');
const TRUNK = 'trunk: { kind: transformer, width: 8, depth: 2, heads: 2, dropout: 0.1 }';
const TRAINING = 'training: { steps: 60, batch: 8, threads: 1, checkpoint: { every: 5 } }';

function fileOf(name: string, text: string): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, `seed: 1\nplugins: [${points}]\n${TRUNK}\n${TRAINING}\n${text}`);
  return file;
}
const compared = fileOf('compared', 'tasks: { above: , right: }\n');
const transferred = fileOf(
  'transferred',
  'tasks: { above: }\ntransfer: { targets: [right], examples: [0.1], seeds: 1, training: { steps: 20, batch: 8 }, points: 1, evaluateExamples: 50 }\n',
);
const grown = fileOf('grown', 'tasks: { above: }\n');
const base = join(folder, 'base');

const commands: readonly [name: string, args: (out: string) => readonly string[]][] = [
  ['compare', (out) => ['compare', compared, '--methods', 'equal', '--seeds', '1', '--out', out]],
  ['transfer', (out) => ['transfer', transferred, '--out', out]],
  [
    'add-column',
    (out) =>
      existsSync(join(out, 'experiment.json'))
        ? ['resume', out]
        : ['add-column', base, '--tasks', 'right', '--out', out],
  ],
];

/** True where it was killed; false where it had ended by then. */
function killAfter(args: readonly string[], milliseconds: number): Promise<boolean> {
  const child = spawn(process.execPath, [builtCommand, ...args], { cwd: root, stdio: 'ignore' });
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  return new Promise((done, fail) =>
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      if (signal === 'SIGKILL' || code === 0) done(signal === 'SIGKILL');
      else fail(new Error(`banyan ${args.join(' ')} ended with ${code ?? signal}`));
    }),
  );
}

it.skipIf(process.platform !== 'linux').each(commands)(
  '`banyan %s` goes on after each kill, and nothing goes on without it (needs /proc)',
  async (name, args) => {
    if (name === 'add-column') expect((await banyan(['train', grown, '--out', base])).code).toBe(0);
    const random = new RandomStream(1, `kills of ${name}`);
    let kills = 0;
    let works = 0;
    for (; kills < MOST; works++) {
      const out = join(folder, `${name}-${works}-out`);
      while (kills < MOST && (await killAfter(args(out), 300 + LONGEST * random.uniform()))) {
        kills++;
        // Every other restart comes while what was started may still be ending.
        if (kills % 2 === 0) await expect.poll(() => processesOf(out), { timeout: GONE }).toEqual([]);
      }
      const { code, stderr } = await banyan(args(out));
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
      // One that is killed at its very end leaves the file of its lock, which nobody holds: a complete run is not written to any more.
      expect(unfinishedIn(out).filter((path) => path !== '.lock')).toEqual([]);
      await whileLocked(out, async () => {});
      expect(unfinishedIn(out)).toEqual([]);
    }
    await record(`\`${name}\`, killed at random moments`, `${kills} kills, 0 lost`, { kills, lost: 0 });
  },
);
