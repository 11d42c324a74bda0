import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkExperiment } from '../../../src/experiment/load.ts';
import type { ExperimentFile } from '../../../src/experiment/schema.ts';
import {
  distil,
  openRun,
  prune,
  type SmallerEvent,
  type SmallerResult,
  smallerText,
} from '../../../src/study/index.ts';
import { openSession } from '../../../src/study/run/session.ts';
import { startRun } from '../../../src/study/run/start.ts';
import { root, temporaryFolder } from '../../repository.ts';

const folder = temporaryFolder();
const teacher = join(folder, 'teacher');
const experiment = {
  name: 'points',
  seed: 1,
  trunk: { kind: 'transformer' as const, width: 32, depth: 2, heads: 4 },
  plugins: [join(root, 'test/cli/fixtures/points.ts')],
  tasks: { above: {}, right: {} },
  training: { steps: 60, batch: 16, optimizer: { kind: 'adam' as const, learningRate: 0.01 } },
} satisfies ExperimentFile;
const student = { ...experiment, name: 'narrow', trunk: { ...experiment.trunk, width: 16, depth: 1, heads: 2 } };

const resultOf = async (events: ReturnType<typeof prune>): Promise<SmallerResult> => {
  const last = await lastValueFrom(events);
  if (last.kind !== 'result') throw new Error(`It ended with ${last.kind}.`);
  return last.result;
};
const refused = (events: ReturnType<typeof prune>) =>
  lastValueFrom(events).then(
    () => undefined,
    (error: Error) => error.message,
  );

beforeAll(async () => {
  const session = await openSession(
    checkExperiment({ file: 'points', data: structuredClone(experiment), place: () => 'points' }),
  );
  await startRun(session, teacher, { signal: new AbortController().signal, tell: () => {} });
});

describe('prune', () => {
  const out = join(folder, 'small');

  it('makes a run of each size, and measures bytes, times and metrics beside the original', async () => {
    const seen: string[] = [];
    const note = (event: SmallerEvent) => {
      if (event.kind === 'run') seen.push(`${event.run.name} ${event.stored}`);
    };
    const stopping = new AbortController();
    const options = { keep: [0.25, 0.5], set: { 'training.steps': 30 }, out };
    const stopped = await lastValueFrom(
      prune(teacher, { ...options, signal: stopping.signal }).pipe(
        tap((event) => {
          if (event.kind === 'run' && event.number === 2) stopping.abort();
        }),
      ),
    );
    expect(stopped).toEqual({ kind: 'interrupted', folder: out, finished: 2, runs: 3 });
    const result = await resultOf(prune(teacher, options).pipe(tap(note)));
    expect(seen).toEqual(['original true', 'keep-0.5 true', 'keep-0.25 false']);
    expect(result.networks.map(({ name, route }) => [name, route])).toEqual([
      ['original', 'original'],
      ['keep-0.5', 'pruned'],
      ['keep-0.25', 'pruned'],
    ]);
    const [whole, half, quarter] = result.networks;
    // Of 2 blocks half of the heads (2 of 4, of 8 numbers) and of the channels (64 of 128) are gone.
    const block = 3 * (32 * 16 + 16) + 16 * 32 + (2 * 32 + 1) * 64;
    expect(whole!.parameters - half!.parameters).toBe(2 * block);
    expect(whole!.bytes.float32).toBe(4 * whole!.parameters);
    for (const { bytes, tasks } of result.networks) {
      // Here only the largest tensors are stored in 8 bits.
      expect(bytes.int8).toBeLessThan(bytes.float32);
      for (const { metric, values, milliseconds } of Object.values(tasks)) {
        expect(metric).toBe('accuracy');
        expect(values.float32).toBeGreaterThan(0.7);
        expect(values.int8).toBeGreaterThan(0.7);
        expect(milliseconds).toBeGreaterThan(0);
      }
    }
    // Each is a run, whose network is loaded with what is left of its trunk, and reaches what was measured.
    const run = await openRun(join(out, 'networks/keep-0.25'));
    expect(run.experiment.trunk).toMatchObject({
      blocks: [
        { heads: 1, hidden: 32 },
        { heads: 1, hidden: 32 },
      ],
    });
    expect((await run.result())!.metrics.above!.accuracy).toBe(quarter!.tasks.above!.values.float32);
    const network = await run.network();
    expect(network.columns).toHaveLength(1);
    network.dispose();
    expect(readFileSync(join(out, 'curve.csv'), 'utf8').split('\n')).toHaveLength(1 + 3 * 2 * 2 + 1);
    expect(readFileSync(join(out, 'smaller.html'), 'utf8')).toMatch(/<svg[\s\S]*bytes[\s\S]*milliseconds/);
    expect(smallerText(result)).toContain('keep-0.25');
  });

  it('goes on only with the same networks', async () => {
    expect(await refused(prune(teacher, { keep: [0.5], set: { 'training.steps': 31 }, out }))).toBe(
      `${join(out, 'networks/keep-0.5')} holds another network: training.steps is 31, was 30. Expected the same one, to go on from. Set it back, or choose another --out.`,
    );
  });

  it('says what it cannot do', async () => {
    expect(await refused(prune(teacher, { keep: [1] }))).toContain('prune: keep');
    expect(await refused(prune(join(folder, 'nowhere')))).toContain('holds no run');
  });
});

describe('distil', () => {
  it('trains students of a teacher, onto the same curve', async () => {
    const out = join(folder, 'small');
    const result = await resultOf(distil(teacher, [student], { out }));
    expect(result.networks.map(({ name }) => name)).toEqual(['original', 'keep-0.5', 'keep-0.25', 'narrow']);
    const narrow = result.networks.at(-1)!;
    expect(narrow.route).toBe('distilled');
    expect(narrow.bytes.float32).toBeLessThan(result.networks[0]!.bytes.float32 / 3);
    for (const { values } of Object.values(narrow.tasks)) expect(values.float32).toBeGreaterThan(0.8);
    expect(await refused(distil(teacher, [student], { out, temperature: 3 }))).toContain(
      'narrow holds another network: it is distilled by 3 here, was distilled by 2.',
    );
  });

  it('says what it cannot do', async () => {
    const out = join(folder, 'other');
    expect(await refused(distil(teacher, [], { out }))).toContain('expected at least one experiment');
    expect(await refused(distil(teacher, [student, student], { out }))).toContain('a student is called "narrow"');
    expect(await refused(distil(teacher, [{ ...student, tasks: { compared: {} } }], { out }))).toContain(
      'There is no task "compared" in this network.',
    );
    expect(await refused(distil(teacher, [student], { out, temperature: 0 }))).toContain('temperature');
  });
});
