// How a training is left, and what may follow.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { catching } from 'banyan-ml/tasks';
import { lastValueFrom, map, mergeMap, retry, take, tap, toArray } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type AnyTask,
  BanyanError,
  constantSchedule,
  createNetwork,
  denseTrunk,
  evaluate,
  type Network,
  resume,
  type Source,
  type Split,
  type TrainingEvent,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { inputs, numbersSource, numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const valuesOf = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ tensor }) => [...tensor.dataSync()]);
const trunk = denseTrunk({ width: 8, depth: 2 });
const build = (...tasks: AnyTask[]): Promise<Network> =>
  createNetwork({ trunk, tasks: tasks.length > 0 ? tasks : [numbersTask('numbers')], seed: 1 });
const many = { steps: 100_000, batch: 8, schedule: constantSchedule() };
const few = { steps: 3, batch: 8 };
const kindsOf = (network: Network, options: Parameters<typeof train>[1] = few) =>
  lastValueFrom(
    train(network, options).pipe(
      map(({ kind }) => kind),
      toArray(),
    ),
  );
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Its task reads as `read` says. */
function withRead(read: Source<readonly number[], number>['read'], more: object = {}): AnyTask {
  const source = numbersSource((x) => x[0]!) as Source<readonly number[], number>;
  return { ...numbersTask('numbers'), source: { ...source, ...more, read } } as AnyTask;
}

const warnings = () => vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
afterEach(() => void vi.restoreAllMocks());

describe('A training that was left', () => {
  it('is waited for by the next one, and by all else that is done with the network', async () => {
    const network = await build();
    await lastValueFrom(train(network, many).pipe(take(10)));
    expect(await kindsOf(network)).toEqual(['start', 'step', 'step', 'step', 'end']);
    const leave = () => lastValueFrom(train(network, many).pipe(take(3)));
    await leave();
    expect(await network.predict('numbers', inputs.slice(0, 1))).toHaveLength(1);
    await leave();
    expect(await evaluate(network, { split: 'validation' })).toHaveProperty('numbers.loss');
    await leave();
    await network.addColumn({ tasks: [numbersTask('later')] });
    await leave();
    await network.removeColumn();
    await leave();
    await network.save(join(folder, 'network'));
    expect(existsSync(join(folder, 'network'))).toBe(true);
    await network.idle();
    network.dispose();
  });

  it('ends in its turn: the next one waits before it begins, a further one finds the network busy', async () => {
    const network = await build();
    const order: string[] = [];
    const checkpoints = join(folder, 'turns');
    await lastValueFrom(
      train(network, { ...many, checkpoint: { every: 1_000_000, folder: checkpoints } }).pipe(take(3)),
    );
    const next = lastValueFrom(
      train(network, few).pipe(tap(({ kind }) => order.push(`${kind} ${existsSync(checkpoints)}`))),
    );
    const further = failureOf(lastValueFrom(train(network, few)));
    expect(await further).toMatchObject({ code: 'busy' });
    await next;
    expect(order[0]).toBe('start true');
    network.dispose();
  });

  it('is none as long as somebody listens: a second one beside it is an error', async () => {
    const network = await build();
    const first = train(network, { ...many, steps: 20 });
    const running = lastValueFrom(first);
    expect(await failureOf(lastValueFrom(train(network, few)))).toMatchObject({ code: 'busy' });
    expect(await failureOf(network.addColumn({ tasks: [numbersTask('later')] }))).toMatchObject({ code: 'busy' });
    await running;
    network.dispose();
  });

  it('may be left at its first event, before it, twice, and by an error on the way', async () => {
    const network = await build();
    await lastValueFrom(train(network, many).pipe(take(1)));
    const subscription = train(network, many).subscribe();
    subscription.unsubscribe();
    subscription.unsubscribe();
    // Left while it waits for the one before.
    train(network, many).subscribe().unsubscribe();
    const broken = train(network, many).pipe(
      map(() => {
        throw new Error('downstream');
      }),
    );
    expect(await failureOf(lastValueFrom(broken))).toMatchObject({ message: 'downstream' });
    await network.idle();
    expect(await kindsOf(network)).toHaveLength(5);
    network.dispose();
  });

  it('writes its last checkpoint where the network is disposed of at once', async () => {
    const network = await build();
    const checkpoint = { every: 1_000_000, folder: join(folder, 'disposed') };
    await lastValueFrom(train(network, { ...many, checkpoint }).pipe(take(4)));
    network.dispose();
    await network.idle();
    expect(existsSync(join(checkpoint.folder, 'step-00000003'))).toBe(true);
    expect(await failureOf(network.predict('numbers', inputs.slice(0, 1)))).toMatchObject({ code: 'argument' });
  });

  it('keeps its error for idle, which tells it once', async () => {
    const warn = warnings();
    let reads = 0;
    let leave = () => {};
    const source = numbersSource((x) => x[0]!);
    const wild = withRead(async (split, indices, context) => {
      // The first is a check, the second is for the first update, and the third is read while that runs.
      if (++reads === 3) leave();
      const examples = await source.read(split, indices, context);
      return reads === 2 ? examples.map((example) => ({ ...example, target: 1e30 })) : examples;
    });
    const network = await build(wild);
    const fail = () =>
      new Promise<void>((left) => {
        reads = 0;
        const subscription = train(network, many).subscribe();
        leave = () => {
          subscription.unsubscribe();
          left();
        };
      });
    const message = expect.stringMatching(/^Update 1: the loss of task "numbers" is Infinity/);
    await fail();
    expect(await failureOf(network.idle())).toMatchObject({ message });
    await network.idle();
    expect(warn).not.toHaveBeenCalled();

    await fail();
    // Who waits for its own turn has not asked for the error.
    await network.predict('numbers', inputs.slice(0, 1));
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(/^A training that was left has failed: .*\. Await network\.idle\(\) to hear of it\.$/),
        'BanyanWarning',
      ],
    ]);
    expect(await failureOf(network.idle())).toMatchObject({ message });
    network.dispose();
  });

  it('has a last checkpoint that cannot be written: a warning, and the network is whole', async () => {
    const warn = warnings();
    const network = await build();
    const file = join(folder, 'lost');
    const failing = { ...many, checkpoint: { every: 1_000_000, folder: join(file, 'checkpoints') } };
    // A file comes to lie where the last checkpoint is to be written, once the training has begun.
    const blocked = tap((event: TrainingEvent) => event.kind === 'start' && writeFileSync(file, ''));
    await lastValueFrom(train(network, failing).pipe(blocked, take(3)));
    await network.idle();
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^No checkpoint of step 2: .*lost\/checkpoints cannot be made: .* MB are left on its device\. No other was written\. The training has ended: the network is in memory alone\.$/,
        ),
        'BanyanWarning',
      ],
    ]);
    await lastValueFrom(train(network, few));
    network.dispose();
  });

  it('is waited for from within its own events, without a deadlock', async () => {
    const network = await build();
    const waited: string[] = [];
    const events = train(network, { ...many, steps: 5 });
    await lastValueFrom(
      events.pipe(
        tap(({ kind }) => {
          if (kind === 'start') void network.idle().then(() => waited.push('idle'));
        }),
      ),
    );
    await network.idle();
    expect(waited).toEqual(['idle']);
    // What waits may leave.
    await lastValueFrom(
      train(network, many).pipe(
        take(2),
        mergeMap(async () => network.predict('numbers', inputs.slice(0, 1))),
      ),
    );
    network.dispose();
  });

  it('does not wait for ever for a source that hangs', async () => {
    const warn = warnings();
    const hung = new Promise<never>(() => {});
    let reads = 0;
    const source = numbersSource((x) => x[0]!);
    // The first are read by the check and by the first step.
    let signal: AbortSignal | undefined;
    const hanging = withRead((split, indices, context) => {
      signal = context.signal;
      return ++reads > 3 ? hung : source.read(split, indices, context);
    });
    const network = await build(hanging, numbersTask('other'));
    const subscription = train(network, many).subscribe();
    await wait(300);
    const begin = performance.now();
    subscription.unsubscribe();
    await network.idle();
    await lastValueFrom(train(network, { ...few, tasks: ['other'] }));
    expect(performance.now() - begin).toBeLessThan(3000);
    expect(signal?.aborted).toBe(true);
    await wait(5000);
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^The source of task "numbers": read\(\) of training examples .* has not ended for 5 s after the training did\. Expected a read\(\) that ends\. Let it fail where what it waits for does not come: `context\.signal` is aborted then\.$/,
        ),
        'BanyanWarning',
      ],
    ]);
    network.dispose();
    let opened = async () => {};
    const opening = await build(withRead(source.read as never, { open: () => opened() }));
    opened = () => hung;
    const left = train(opening, many).subscribe();
    left.unsubscribe();
    await opening.idle();
    const disposed = lastValueFrom(train(opening, many));
    opening.dispose();
    expect(await failureOf(disposed)).toMatchObject({ code: 'argument' });
  });
});

describe('A source that does not answer', () => {
  it('ends what waits for it after sourceTimeout, which says what that was', async () => {
    const source = numbersSource((x) => x[0]!);
    let hangs: Split | 'open' | undefined;
    const hanging = withRead(
      (split, indices, context) => {
        if (split !== hangs || (split === 'training' && context.step < 1)) return source.read(split, indices, context);
        // One that waits for something listens.
        return new Promise((_, fail) => {
          context.signal.addEventListener('abort', () => fail(new Error('left')));
        });
      },
      { open: () => (hangs === 'open' ? new Promise(() => {}) : Promise.resolve()) },
    );
    const network = await build(hanging);
    const late = (what: string) => ({
      code: 'data',
      message: expect.stringMatching(
        `^The source of task "numbers": ${what} has not ended for 0.2 s, expected an end within sourceTimeout\\. Let it fail where what it waits for does not come, or set a longer sourceTimeout\\.$`,
      ),
    });
    const options = { ...few, sourceTimeout: 0.2 };
    hangs = 'open';
    expect(await failureOf(lastValueFrom(train(network, options)))).toMatchObject(late('open\\(\\)'));
    hangs = 'training';
    const reading = late('read\\(\\) of training examples [\\d, …]+');
    expect(await failureOf(lastValueFrom(train(network, options)))).toMatchObject(reading);
    hangs = 'validation';
    const measuring = evaluate(network, { split: 'validation', sourceTimeout: 0.2 });
    expect(await failureOf(measuring)).toMatchObject(late('read\\(\\) of validation examples [\\d, …]+'));
    hangs = undefined;
    await lastValueFrom(train(network, options));
    expect(await failureOf(lastValueFrom(train(network, { ...few, sourceTimeout: 0 })))).toMatchObject({
      message: 'train: sourceTimeout must be a number > 0, received 0. Raise it above 0.',
    });
    network.dispose();
  });
});

describe('A training that failed', () => {
  it('tells its first cause to whoever subscribes again', async () => {
    let reads = 0;
    const source = withRead(() => {
      reads++;
      throw new BanyanError('data', `Reading ${reads} failed.`);
    });
    const network = await build(source);
    expect(await failureOf(lastValueFrom(train(network, few).pipe(retry(2))))).toMatchObject({
      message: 'Reading 1 failed.',
    });
    const ended = train(network, few);
    await failureOf(lastValueFrom(ended));
    expect(reads).toBe(2);
    network.dispose();
  });
});

describe('A source with a state', () => {
  it('serves one training at a time, and a later one from its beginning', async () => {
    const options = { steps: 6, batch: 32 };
    const alone = await build(catching);
    await lastValueFrom(train(alone, options));
    const [one, two] = [await build(catching), await build(catching, numbersTask('numbers'))];
    const first = lastValueFrom(train(one, options));
    // Measuring it meanwhile leaves it as it was.
    const measuring = lastValueFrom(train(two, { ...options, tasks: ['numbers'] })).then(() =>
      evaluate(two, { tasks: ['catch'], split: 'validation', examples: 3 }),
    );
    const second = await failureOf(lastValueFrom(train(two, { ...options, tasks: ['catch'] })));
    expect(second).toMatchObject({ code: 'busy' });
    await Promise.all([first, measuring]);
    expect(valuesOf(one)).toEqual(valuesOf(alone));

    const side = await failureOf(
      Promise.all([lastValueFrom(train(one, options)), lastValueFrom(train(two, { ...options, tasks: ['catch'] }))]),
    );
    expect((side as Error).message).toBe(
      'The source of task "catch" of the network with "catch", "numbers" keeps a state and is read at this time by a training of task "catch" of the network with "catch". Expected one training of such a source at a time: each would go on from the other\'s state. Train one after the other, or make a task with a source of its own for each network.',
    );
    await one.idle();
    // One that was left is waited for.
    await lastValueFrom(train(one, { ...options, steps: 1000 }).pipe(take(3)));
    expect(await lastValueFrom(train(two, { ...options, tasks: ['catch'] }))).toMatchObject({ reason: 'steps' });
    for (const network of [alone, one, two]) network.dispose();
  });
});

describe('An evaluation that is ended early', () => {
  /** 2,000 validation examples, whose reading takes its time. */
  function slowly(waiting: () => Promise<unknown>): AnyTask {
    const source = numbersSource((x) => x[0]!);
    return withRead(
      async (split, indices) => {
        if (split === 'validation') await waiting();
        return source.read(
          'training',
          indices.map((i) => i % 100),
          undefined as never,
        );
      },
      { counts: { training: 150, validation: 2000, test: 0 } },
    );
  }
  const options = { steps: 9, batch: 8, evaluateEvery: 3 };
  const none = async () => {};

  it('leaves a checkpoint, and is made up for: a resumed training ends with the same bits', async () => {
    const told: string[] = [];
    const tell = tap(({ kind, step }: { kind: string; step: number }) => told.push(`${kind} ${step}`));
    const checkpoint = { every: 3, folder: join(folder, 'evaluation') };
    const whole = await build(slowly(none));
    await lastValueFrom(train(whole, options));

    const control = new AbortController();
    let batches = 0;
    const interrupted = await build(
      slowly(async () => {
        // In the second evaluation; each has sixteen batches.
        if (++batches === 20) control.abort();
      }),
    );
    const end = await lastValueFrom(train(interrupted, { ...options, checkpoint, signal: control.signal }).pipe(tell));
    expect(end).toEqual({ kind: 'end', step: 6, reason: 'stopped' });
    expect(batches).toBeLessThan(23);
    expect(told.slice(-3)).toEqual(['step 6', 'checkpoint 6', 'end 6']);

    told.length = 0;
    const again = await build(slowly(none));
    await lastValueFrom(resume(again, checkpoint.folder, { ...options, checkpoint }).pipe(tell));
    expect(told.slice(0, 3)).toEqual(['start 6', 'evaluation 6', 'step 7']);
    expect(valuesOf(again)).toEqual(valuesOf(whole));
    for (const network of [whole, interrupted, again]) network.dispose();
  });

  it('does not keep who unsubscribes, however long it would take', async () => {
    const hung = new Promise<never>(() => {});
    let reached = () => {};
    const evaluating = new Promise<void>((done) => {
      reached = done;
    });
    const network = await build(
      slowly(() => {
        reached();
        return hung;
      }),
    );
    const subscription = train(network, options).subscribe();
    await evaluating;
    subscription.unsubscribe();
    await network.idle();
    const control = new AbortController();
    const measuring = evaluate(network, { split: 'validation', signal: control.signal });
    setTimeout(() => control.abort(new Error('enough')), 50);
    expect(await failureOf(measuring)).toMatchObject({ message: 'enough' });
    network.dispose();
  });
});
