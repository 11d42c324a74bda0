import { setTimeout as pause } from 'node:timers/promises';
import { BanyanError } from '../../error.ts';
import type { Source } from '../../task/source.ts';
import type { NetworkBody } from '../assembly/body.ts';
import type { BuiltTask } from '../assembly/built.ts';
import type { ExclusiveUse } from '../exclusive-use.ts';
import { untilAborted } from './until-aborted.ts';

/** Who reads a source that keeps a state. */
interface Reader {
  readonly use: ExclusiveUse;
  /** Resolves when it reads no more: a source that hangs may do so long after its training has ended. */
  readonly released: Promise<void>;
  /** For errors: task and network. */
  readonly name: string;
}

/** Milliseconds that a reading has to end once its training was left. */
const PATIENCE = 5000;

const readers = new WeakMap<Source<unknown, unknown>, Reader>();

/**
 * Reserves those sources of a training's tasks that keep a state: two trainings at once would each go on from the other's. One
 * that was left ends first. Returns what gives them back.
 * @throws BanyanError `busy` for a source that another training reads.
 */
export async function reserveSources(
  body: NetworkBody,
  tasks: readonly BuiltTask[],
  use: ExclusiveUse,
): Promise<() => void> {
  const reserved: Source<unknown, unknown>[] = [];
  let resolve = () => {};
  const released = new Promise<void>((done) => {
    resolve = done;
  });
  const release = () => {
    for (const source of reserved) readers.delete(source);
    resolve();
  };
  try {
    for (const built of tasks) {
      const { source } = built.definition;
      if (source.state === undefined || reserved.includes(source)) continue;
      const reader = { use, released, name: nameOf(body, built) };
      for (let other = readers.get(source); other !== undefined; other = readers.get(source)) {
        if (!other.use.left && !other.use.over) throw inUse(reader, other);
        await untilAborted(other.use.ended, use.signal);
        const waiting = new AbortController();
        const late = pause(PATIENCE, true, { signal: waiting.signal }).catch(() => false);
        const still = await untilAborted(Promise.race([other.released, late]), use.signal).finally(() =>
          waiting.abort(),
        );
        if (still) throw inUse(reader, other);
      }
      readers.set(source, reader);
      reserved.push(source);
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function nameOf({ tasks }: NetworkBody, { name }: BuiltTask): string {
  return `task "${name}" of the network with ${tasks.map((task) => `"${task.name}"`).join(', ')}`;
}

function inUse({ name }: Reader, other: Reader): BanyanError {
  const how = other.use.over ? 'was left by a training and still reads for' : 'is read at this time by a training of';
  return new BanyanError(
    'busy',
    `The source of ${name} keeps a state and ${how} ${other.name}. Expected one training of such a source at a time: each would go on from the other's state. Train one after the other, or make a task with a source of its own for each network.`,
  );
}
