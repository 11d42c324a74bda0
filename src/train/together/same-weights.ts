import { createHash } from 'node:crypto';
import type { Team } from '../../cluster/index.ts';
import { BanyanError } from '../../error.ts';
import { type Internals, readVariable } from '../../network/index.ts';

/**
 * Looks whether all workers still have the same weights, to the bit.
 * @throws BanyanError `cluster` on all workers.
 */
export async function assertSameWeights(team: Team, { body }: Internals, step: number): Promise<void> {
  const hash = createHash('sha256');
  for (const { tensor } of body.store.all()) {
    const { values } = await readVariable(tensor);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  const digests = await team.gatherBytes(hash.digest(), 'a checkpoint');
  const other = digests.findIndex((digest) => Buffer.compare(digest, digests[0]!) !== 0);
  if (other < 0) return;
  throw new BanyanError(
    'cluster',
    `After step ${step} ${team.nameOf(other)} has other weights than the chief, expected the same to the bit: the two compute otherwise. Train on machines of one kind, with the same version of TensorFlow, and go on from the last checkpoint.`,
  );
}
