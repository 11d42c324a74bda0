import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Observable } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readFolder, writeFolder } from '../../../src/checkpoint/index.ts';
import { resume, type TrainingEvent, type TrainOptions, train } from '../../../src/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { samplerKinds } from '../../../src/sample/index.ts';
import { checkpointsIn } from '../../../src/train/index.ts';
import { inTurn } from '../../in-turn.ts';
import { build, noise, options, rule } from './overfit.ts';

const { compiled } = await startRuntime();
const FILES = ['weights.safetensors', 'optimizer.safetensors', 'kept.safetensors', 'manifest.json'];

/** What of an event does not depend on the clock or a folder. */
const plain = ({ ...event }: TrainingEvent) => {
  for (const key of ['milliseconds', 'path']) delete (event as Record<string, unknown>)[key];
  return JSON.parse(JSON.stringify(event)) as TrainingEvent;
};

/** Follows a training to its end. */
function follow(events: Observable<TrainingEvent>, look: (event: TrainingEvent) => void = () => {}) {
  const seen: TrainingEvent[] = [];
  return new Promise<TrainingEvent[]>((done, fail) => {
    events.subscribe({
      next: (event) => {
        seen.push(plain(event));
        look(event);
      },
      error: fail,
      complete: () => done(seen),
    });
  });
}

type Cut = (event: TrainingEvent, seen: readonly TrainingEvent[]) => boolean;

const modes = compiled ? (['graph', 'eager'] as const) : (['eager'] as const);
describe.each(modes)('a resumed training (%s)', (compile) => {
  const given = (folder: string, how: Partial<TrainOptions> = {}): TrainOptions => ({
    ...options,
    steps: 70,
    compile,
    stop: { perTask: { patience: 3, drift: 0.02, return: true } },
    best: {},
    checkpoint: { folder, every: 1000 },
    ...how,
  });
  let place: string;
  let whole: TrainingEvent[];
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'banyan-stopping-'));
    const network = await build();
    whole = await follow(train(network, given(join(place, 'whole'))));
    network.dispose();
  }, 60_000);
  afterAll(() => rm(place, { recursive: true }));

  const last = async (folder: string) => (await checkpointsIn(folder))[0]!;
  const bytes = (folder: string) => Promise.all(FILES.map((name) => readFile(join(folder, name))));
  const find = (kind: TrainingEvent['kind'], nth = 0) => whole.filter((event) => event.kind === kind)[nth]!;

  /** Ends a training where `cut` says, goes on with another network, and holds it against the whole one. */
  async function holds(
    name: string,
    cut: Cut,
    how: Partial<TrainOptions> = {},
    uninterrupted = whole,
    reference = 'whole',
  ) {
    const folder = join(place, name);
    const controller = new AbortController();
    const first = await build();
    const seen: TrainingEvent[] = [];
    const before = await follow(train(first, { ...given(folder, how), signal: controller.signal }), (event) => {
      seen.push(event);
      if (cut(event, seen)) controller.abort();
    });
    expect(before.at(-1)).toMatchObject({ kind: 'end', reason: 'stopped' });
    const second = await build();
    const after = await follow(resume(second, folder, given(folder, how)));
    // Together they tell what the whole one tells, but for saying that they begin, end and save.
    const told = (events: readonly TrainingEvent[]) =>
      events.filter(({ kind }) => !['start', 'end', 'checkpoint'].includes(kind));
    expect([...told(before), ...told(after)]).toEqual(told(uninterrupted));
    expect(after.at(-1)).toEqual(uninterrupted.at(-1));
    const [one, other] = [await bytes(await last(folder)), await bytes(await last(join(place, reference)))];
    for (const [i, file] of FILES.entries()) expect(one[i]!.equals(other[i]!), file).toBe(true);
    first.dispose();
    second.dispose();
  }

  it('is worth holding: a task stops, comes back and stops again, and best weights are found', () => {
    expect(whole.filter(({ kind }) => kind === 'stop').length).toBeGreaterThan(1);
    expect(whole.filter(({ kind }) => kind === 'return').length).toBeGreaterThan(0);
    expect(whole.filter(({ kind }) => kind === 'best').length).toBeGreaterThan(2);
    expect(find('stop').step).toBeGreaterThan(5);
    expect(find('return').step).toBeLessThan(60);
  });

  // Before an evaluation is made, it is made when the training goes on.
  const cuts = [
    ['the step before a stop', 'stop', 'step', -1],
    ['a stop, before the evaluation', 'stop', 'step', 0],
    ['a stop, after the evaluation', 'stop', 'evaluation', 0],
    ['a stop', 'stop', 'stop', 0],
    ['the step after a stop', 'stop', 'step', 1],
    ['the third step after a stop', 'stop', 'step', 3],
    ['a return, before the evaluation', 'return', 'step', 0],
    ['a return', 'return', 'return', 0],
    ['the step after a return', 'return', 'step', 1],
    ['the second step after a return', 'return', 'step', 2],
    ['the third step after a return', 'return', 'step', 3],
    ['best weights, before the evaluation', 'best', 'step', 0],
    ['best weights', 'best', 'best', 0],
    ['the step after best weights', 'best', 'step', 1],
  ] as const;
  it.each(inTurn(cuts, compile, modes))(
    'ends with the same bytes where it was interrupted at %s',
    async (name, near, kind, offset) => {
      const step = find(near, near === 'best' ? 2 : 0).step + offset;
      await holds(name.replaceAll(/\W/g, '-'), (event) => event.kind === kind && event.step === step);
    },
  );

  it('makes an evaluation anew that was interrupted while a stopped task was measured once more', async () => {
    const { step } = find('stop');
    const task = noise();
    const { source } = task;
    const folder = join(place, 'measured');
    const controller = new AbortController();
    let [made, reads] = [0, 0];
    const read = ((...request) => {
      if (request[0] === 'validation' && made === step && ++reads === 2) controller.abort();
      return source.read(...request);
    }) as typeof source.read;
    const first = await build([{ ...task, source: { ...source, read } as typeof source }, rule()]);
    const before = await follow(train(first, { ...given(folder), signal: controller.signal }), (event) => {
      if (event.kind === 'step') made = event.step;
    });
    expect(reads).toBe(2);
    expect(before.at(-2)).toMatchObject({ kind: 'checkpoint', step });
    expect(before.filter((event) => event.kind === 'evaluation' && event.step === step)).toEqual([]);
    const second = await build();
    const after = await follow(resume(second, folder, given(folder)));
    expect(after.find(({ kind }) => kind === 'stop')).toEqual(find('stop'));
    const [one, other] = [await bytes(await last(folder)), await bytes(await last(join(place, 'whole')))];
    for (const [i, file] of FILES.entries()) expect(one[i]!.equals(other[i]!), file).toBe(true);
    first.dispose();
    second.dispose();
  });

  it('ends with the same bytes where a sampler draws among those that run', async () => {
    const how = { sampler: samplerKinds.build({ kind: 'round-robin' }), steps: 90 };
    const network = await build();
    const drawn = await follow(train(network, given(join(place, 'drawn'), how)));
    network.dispose();
    const stop = drawn.find(({ kind }) => kind === 'stop')!;
    expect(stop.step).toBeLessThan(80);
    await holds('drawn-cut', ({ kind, step }) => kind === 'step' && step === stop.step + 1, how, drawn, 'drawn');
  });
});

describe('a checkpoint', () => {
  it('without what is remembered of evaluations goes on with nothing remembered', async () => {
    // As those of trainings without evaluations: adding them changes no bit.
    const place = await mkdtemp(join(tmpdir(), 'banyan-stopping-'));
    const folder = join(place, 'run');
    const { evaluateEvery, ...unwatched } = { ...options, steps: 20, checkpoint: { folder, every: 1000 } };
    const controller = new AbortController();
    const [first, second] = [await build(), await build()];
    await follow(train(first, { ...unwatched, signal: controller.signal }), ({ kind, step }) => {
      if (kind === 'step' && step === 10) controller.abort();
    });
    const events = await follow(resume(second, folder, { ...unwatched, evaluateEvery }));
    expect(events.flatMap((event) => (event.kind === 'evaluation' ? [event.step] : []))).toEqual([15, 20]);
    await rm(place, { recursive: true });
    first.dispose();
    second.dispose();
  });

  it('that lacks kept weights of which it speaks is passed over as damaged', async () => {
    const place = await mkdtemp(join(tmpdir(), 'banyan-stopping-'));
    const folder = join(place, 'run');
    const [network, again] = [await build(), await build()];
    const given: TrainOptions = { ...options, steps: 10, best: {}, checkpoint: { folder, every: 5 } };
    await follow(train(network, given));
    const [newest, older] = await checkpointsIn(folder);
    const { content, files } = await readFolder(newest!);
    const copies = new Map([...files].map(([name, bytes]) => [name, Buffer.from(bytes)]));
    expect(content).toMatchObject({ training: { evaluations: { selection: { best: {} }, over: false } } });
    expect(copies.delete('kept.safetensors')).toBe(true);
    await writeFolder(newest!, copies, content);
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const events = await follow(resume(again, folder, given));
    expect(events[0]).toMatchObject({ kind: 'start', step: 5 });
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      `resume passes over a damaged checkpoint: ${newest}: kept.safetensors lacks the weights of "network". Use another copy, or another checkpoint. It goes on from an older one, ${older}, and makes the steps between once more.`,
    ]);
    warned.mockRestore();
    await rm(place, { recursive: true });
    for (const each of [network, again]) each.dispose();
  });
});
