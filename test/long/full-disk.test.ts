// Disks that are full, broken, or out of files: a training goes on, says so, and ends, or can be gone on with, to the same bytes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtCommand, root, temporaryFolder } from '../repository.ts';
import { compileFaults, type Failing, faultsIn, takeCalls } from './faults.ts';
import { banyan } from './program.ts';
import { record } from './record.ts';
import { difference, runOutcome } from './survive.ts';

const folder = temporaryFolder();
const library = compileFaults(folder);
const { EIO, EMFILE, ENOSPC } = constants.errno;
const experiment = join(folder, 'experiment.yaml');
writeFileSync(
  experiment,
  `
seed: 5
trunk: { kind: dense, width: 8, depth: 2 }
plugins: [${join(root, 'test/cli/fixtures/points.ts')}]
tasks: { above: , right: }
training: { steps: 12, batch: 8, threads: 1, checkpoint: { every: 2 } }
`,
);

let whole: Promise<{ outcome: Record<string, string>; calls: number }> | undefined;
const alone = (file: string) =>
  (whole ??= (async () => {
    const [out, log] = [join(folder, 'alone'), join(folder, 'alone.log')];
    const env = faultsIn(file, out, { log });
    expect(await banyan(['train', experiment, '--out', out], { env })).toMatchObject({ code: 0 });
    return { outcome: runOutcome(out), calls: takeCalls(log).length };
  })());

describe('while a training runs', () => {
  it.each([
    ['a full disk', ENOSPC],
    ['a disk that gives errors', EIO],
    ['a process that may open no more files', EMFILE],
  ])('%s, for a while: it goes on, and ends with the same bytes', async (name, errno) => {
    if ('missing' in library) throw new Error(library.missing);
    const { outcome, calls } = await alone(library.file);
    const out = join(folder, `while-${errno}`);
    // In a checkpoint or an event. What fails is tried again a second or a minute later, and at the end, which comes sooner here.
    const from = Math.round(0.3 * calls);
    const failing: Failing = { errno, from, until: from + 3 };
    const { code, stderr } = await banyan(['train', experiment, '--out', out], {
      env: faultsIn(library.file, out, { failing }),
    });
    expect(stderr).toContain(out);
    expect(stderr).toContain('The training goes on');
    expect({ code, different: difference(outcome, runOutcome(out)) }, stderr).toEqual({ code: 0, different: '' });
    await record(`a training meets ${name} for a while`, 'went on, said so, ended with the same bytes');
  });

  it('a disk that is full for good: it goes on to its end, says how to go on, and that gives the same bytes', async () => {
    if ('missing' in library) throw new Error(library.missing);
    const { outcome, calls } = await alone(library.file);
    const out = join(folder, 'full');
    const failing: Failing = { errno: ENOSPC, from: Math.round(0.4 * calls) };
    const { code, stdout, stderr } = await banyan(['train', experiment, '--out', out], {
      env: faultsIn(library.file, out, { failing }),
    });
    expect(code).toBe(1);
    expect(stdout + stderr).toContain('The training goes on');
    expect(stdout + stderr).toContain(`banyan resume ${out}`);
    expect(stderr).toContain('no space is left on the device');
    expect(stderr).not.toContain('no such file');
    expect(await banyan(['resume', out])).toMatchObject({ code: 0 });
    expect(difference(outcome, runOutcome(out))).toBe('');
    await record(
      'a training meets a full disk for good',
      'went on to its end; resumed with room, it ended with the same bytes',
    );
  });
});

/** Mounts a small disk in a namespace of its own, fills it, trains there, makes room, goes on, and brings the run out. */
const ON_TMPFS = `
mount -t tmpfs -o size=2m tmpfs "$DISK" || exit 99
dd if=/dev/zero of="$DISK/filler" bs=1k count=$((2048 - ROOM)) 2>/dev/null
"$@" train "$EXPERIMENT" --out "$DISK/run" >"$TOLD" 2>&1
echo "train ended with $?" >>"$TOLD"
rm "$DISK/filler"
"$@" resume "$DISK/run" >>"$TOLD" 2>&1
echo "resume ended with $?" >>"$TOLD"
cp -r "$DISK/run" "$OUT"
`;

it('on a small tmpfs that is full, a training goes on and says so', async (context) => {
  if (spawnSync('unshare', ['-Urm', 'true']).status !== 0)
    return context.skip('needs `unshare -Urm`: a tmpfs is mounted in a namespace of its own');
  if ('missing' in library) return context.skip(`needs ${library.missing}`);
  const { outcome } = await alone(library.file);
  const [disk, told, out] = [join(folder, 'disk'), join(folder, 'told'), join(folder, 'tmpfs')];
  mkdirSync(disk);
  const program = [process.execPath, builtCommand];
  // Kilobytes: the first checkpoint fits, and not all of the others.
  const env = { ...process.env, DISK: disk, EXPERIMENT: experiment, TOLD: told, OUT: out, ROOM: '48' };
  const { status } = spawnSync('unshare', ['-Urm', 'sh', '-c', ON_TMPFS, 'sh', ...program], { cwd: root, env });
  if (status === 99) return context.skip('needs a tmpfs, and none can be mounted here');
  const text = readFileSync(told, 'utf8');
  expect(text).toContain('The training goes on');
  expect(text).toContain('resume ended with 0');
  expect(existsSync(out)).toBe(true);
  expect(difference(outcome, runOutcome(out))).toBe('');
  await record(
    'a training on a tmpfs with 48 KB of room',
    'went on, said so; resumed with room, it ended with the same bytes',
  );
});
