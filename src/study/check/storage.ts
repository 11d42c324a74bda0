import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { internals, measuringContext, Network, readExamples } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { loadPretrained } from '../run/pretrained.ts';
import { buildNetwork, type Session } from '../run/session.ts';
import { bad, type Finding, good } from './finding.ts';

const EXAMPLES = 4;

/** Tries whether a network that was saved and loaded predicts the same, to the bit. */
export async function* checkStorage(session: Session): AsyncGenerator<Finding> {
  const network = await buildNetwork(session);
  const folder = await mkdtemp(join(tmpdir(), 'banyan-check-'));
  try {
    await loadPretrained(session, network);
    const inputs = new Map<string, unknown[]>();
    for (const task of session.tasks) inputs.set(task.name, await someInputs(network, task));
    await network.save(join(folder, 'network'));
    const again = await Network.load(join(folder, 'network'), { plugins: session.plugins });
    try {
      for (const [name, raw] of inputs) {
        const before = await network.predict(name as never, raw as never);
        const after = await again.predict(name as never, raw as never);
        yield isDeepStrictEqual(before, after)
          ? good(name, 'predicts the same, to the bit, after save and load')
          : bad(name, 'predicts otherwise after save and load: some of its state is neither a variable nor an asset');
      }
    } finally {
      again.dispose();
    }
  } finally {
    network.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

async function someInputs(network: Network, task: AnyTask): Promise<unknown[]> {
  const { counts } = task.source;
  // One that plays, for instance, can do so outside a training only for other splits.
  const split = counts.validation > 0 ? 'validation' : counts.test > 0 ? 'test' : 'training';
  const count = Math.min(EXAMPLES, counts[split]);
  const indices = Array.from({ length: count }, (_, i) => i);
  const examples = await readExamples(
    task.name,
    task.source,
    split,
    indices,
    measuringContext(internals(network).body),
  );
  return examples.map(({ input }) => input as unknown);
}
