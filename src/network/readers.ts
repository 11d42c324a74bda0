import { BanyanError } from '../error.ts';
import type { Source } from '../task/source.ts';
import type { Claim } from './claim.ts';
import type { Network } from './network.ts';
import type { BuiltTask } from './pass.ts';
import { untilAborted } from './until-aborted.ts';

/** Who reads a source that keeps a state. */
interface Reader {
  readonly claim: Claim;
  /** For errors: task and network. */
  readonly name: string;
}

const readers = new WeakMap<Source<unknown, unknown>, Reader>();

/**
 * Reserves those sources of a training's tasks that keep a state: two trainings at once would each go on from the other's. One
 * that was left ends first. Returns what gives them back.
 * @throws BanyanError `busy` for a source that another training reads.
 */
export async function reserveSources(network: Network, tasks: readonly BuiltTask[], claim: Claim): Promise<() => void> {
  const reserved: Source<unknown, unknown>[] = [];
  const release = () => {
    for (const source of reserved) readers.delete(source);
  };
  try {
    for (const built of tasks) {
      const { source } = built.task;
      if (source.state === undefined || reserved.includes(source)) continue;
      const own = { claim, name: nameOf(network, built) };
      for (let other = readers.get(source); other !== undefined; other = readers.get(source)) {
        if (!other.claim.left || other.claim.over) throw inUse(own, other);
        await untilAborted(other.claim.ended, claim.signal);
      }
      readers.set(source, own);
      reserved.push(source);
    }
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

function nameOf({ body }: Network, { name }: BuiltTask): string {
  return `task "${name}" of the network with ${body.tasks.map((task) => `"${task.name}"`).join(', ')}`;
}

function inUse({ name }: Reader, other: Reader): BanyanError {
  const how = other.claim.over ? 'was left by a training and still reads for' : 'is read at this time by a training of';
  return new BanyanError(
    'busy',
    `The source of ${name} keeps a state and ${how} ${other.name}. Expected one training of such a source at a time: each would go on from the other's state. Train one after the other, or make a task with a source of its own for each network.`,
  );
}
