// What becomes of a training whose process is asked to end, cannot answer, or dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtCommand, root, temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const experiment = join(folder, 'hanging.yaml');
writeFileSync(
  experiment,
  `
trunk: { kind: dense, width: 8, depth: 1 }
tasks: { hanging: }
plugins: [${join(root, 'test/cli/fixtures/hanging.ts')}]
training: { steps: 60, batch: 8, checkpoint: { every: 20 } }
`,
);
/** The reading for step 48: two before it are checks. */
const AT = '50';

/** Trains with a source that hangs in a way; `then`, once it does, with this process and the number of the one that trains. */
async function hang(name: string, how: string, then: (child: ChildProcess, trainer: number) => void = () => {}) {
  const run = join(folder, name);
  const child = spawn(process.execPath, [builtCommand, 'train', experiment, '--out', run], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', HANGS: how, HANGS_AT: AT },
  });
  let [stdout, stderr, begin] = ['', '', 0];
  let said = Number.NaN;
  child.stdout.on('data', (more) => {
    stdout += more;
  });
  child.stderr.on('data', (more) => {
    stderr += more;
    const [, trainer] = /^hangs (\d+)$/m.exec(stderr) ?? [];
    if (begin > 0) said = Math.min(said || Number.POSITIVE_INFINITY, performance.now() - begin);
    if (trainer === undefined || begin > 0) return;
    begin = performance.now();
    setTimeout(() => then(child, Number(trainer)), 100);
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  const took = performance.now() - begin;
  const trainer = Number(/^hangs (\d+)$/m.exec(stderr)?.[1]);
  return { code, stdout, stderr, took, said, run, trainer };
}

/** What nobody has collected yet (a zombie) has ended. */
function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
}

const checkpoints = (run: string) => readdirSync(join(run, 'checkpoints')).sort();
const goOn = (run: string) => `Go on with: banyan resume ${run}`;

/** Without its cause, a resumed run ends as one that nothing befell. */
async function resumed(run: string): Promise<Buffer> {
  const { banyan } = await import('./command.ts');
  expect((await banyan(['resume', run])).code).toBe(0);
  return readFileSync(join(run, 'network/weights.safetensors'));
}

describe('A training whose source waits for ever', () => {
  it.each(['SIGTERM', 'SIGHUP'] as const)('saves at %s, says so at once, and goes on later', async (signal) => {
    const { code, stdout, stderr, took, run } = await hang(signal, 'wait', (child) => child.kill(signal));
    expect(code).toBe(130);
    expect(took).toBeLessThan(2000);
    expect(stderr).toMatch(/^hangs \d+\n$/);
    expect(stdout).toContain(
      `\nEnding after step 48 at the latest, saving into ${run}/checkpoints … Once more ends it at once.\n`,
    );
    expect(stdout).toContain(`\nInterrupted after step 47. ${goOn(run)}\n`);
    expect(checkpoints(run)).toEqual(['step-00000040', 'step-00000047']);
  });

  it('counts what comes together as one signal: from the terminal, from the parent, and passed on by npm', async () => {
    const { code, stdout, run } = await hang('together', 'wait', (child, trainer) => {
      process.kill(trainer, 'SIGINT');
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 50);
    });
    expect(code).toBe(130);
    expect(stdout).toContain('Interrupted after step 47.');
    expect(checkpoints(run)).toContain('step-00000047');
  });

  it('counts them as one also where it has ended before the last of them', async () => {
    const { code, stderr, run } = await hang('after', 'wait', (child) => {
      // The next within 300 ms of the one before, on and on: what comes last finds the training gone.
      const again = setInterval(() => child.kill('SIGINT'), 20);
      child.stdout?.on('data', (text) => {
        if (/Interrupted/.test(text)) setTimeout(() => clearInterval(again), 150);
      });
      child.on('exit', () => clearInterval(again));
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/^hangs \d+\n$/);
    expect(checkpoints(run)).toContain('step-00000047');
  });
});

describe('A training whose source keeps its thread', () => {
  it('is answered for within two seconds, and ended at a second signal', async () => {
    const { code, stderr, said, took, run } = await hang('loop', 'loop', (child) => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGTERM'), 2500);
    });
    expect(said).toBeLessThan(2000);
    expect(took).toBeLessThan(6000); // Without the second signal, 6.6 s and more.
    expect(code).toBe(143);
    expect(stderr.replace(/^hangs \d+\n/m, '')).toBe(
      `\nThe training does not answer: a source, a step or the making of a graph keeps it from that. It is ended in 5 s unless it answers, at once at a second signal. Safe is the checkpoint of step 40 in ${run}/checkpoints. ${goOn(run)}\n`,
    );
    const whole = await resumed((await hang('whole', 'throw')).run);
    expect((await resumed(run)).equals(whole)).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('ends with its parent, also where that is killed', async () => {
    const { code, trainer } = await hang('orphan', 'loop', (child) => child.kill('SIGKILL'));
    expect(code).toBeNull();
    await expect.poll(() => isAlive(trainer)).toBe(false);
  });
});

describe('A training that breaks off', () => {
  it('of an error of a source: saves what it has, and says where', async () => {
    const { code, stdout, stderr, run } = await hang('error', 'throw');
    expect(code).toBe(1);
    expect(checkpoints(run)).toEqual(['step-00000040', 'step-00000047']);
    expect(stdout).toContain(`\nSafe is the checkpoint of step 47 in ${run}/checkpoints. ${goOn(run)}\n`);
    expect(stderr).toMatch(
      /^hangs \d+\nerror: The source of task "hanging": read\(\) of training examples .* threw Error: Its queue is gone\. .* The last checkpoint is .*step-00000047\.\n$/,
    );
  });

  it('of an error that nobody waits for: the same', async () => {
    const { code, stdout, stderr, run } = await hang('stray', 'stray');
    expect(code).toBe(1);
    // It may come while the updates of batches that were read ahead are still to be made.
    const [, saved] = checkpoints(run);
    expect(saved).toMatch(/^step-0000004[567]$/);
    const step = Number(saved!.slice(5));
    expect(stdout).toContain(`\nSafe is the checkpoint of step ${step} in ${run}/checkpoints. ${goOn(run)}\n`);
    expect(stderr).toMatch(/^hangs \d+\nSyntaxError: .*\n +at JSON\.parse/);
  });

  it('of a fault in native code: its parent says what is safe', async () => {
    const { code, stderr, run } = await hang('crash', 'crash');
    expect(code).toBe(139);
    expect(stderr).toContain(
      `\nThe training was ended by SIGSEGV, a fault in native code. Safe is the checkpoint of step 40 in ${run}/checkpoints. ${goOn(run)}\n`,
    );
  });
});
