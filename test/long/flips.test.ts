// Each bit of a checkpoint's manifest, flipped: none is taken for another checkpoint, and the run goes on from the one before it.

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { expect, it, vi } from 'vitest';
import { readFolder } from '../../src/checkpoint/index.ts';
import { BanyanError, createNetwork, denseTrunk, resume, train } from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';
import { evenly } from './program.ts';
import { record } from './record.ts';

const folder = temporaryFolder();
const checkpoints = join(folder, 'checkpoints');
const options = { steps: 6, batch: 8, checkpoint: { folder: checkpoints, every: 2 } };
/** Bits whose flip a whole resume has to get over. */
const RESUMES = 200;

const build = () => createNetwork({ trunk: denseTrunk({ width: 4, depth: 1 }), tasks: [numbersTask('a')] });
const weightsOf = (network: Awaited<ReturnType<typeof build>>) =>
  internals(network)
    .body.store.all()
    .map(({ tensor }) => [...tensor.dataSync()]);

it('a manifest with one bit flipped is refused, and the checkpoint before it is taken', async () => {
  const network = await build();
  await lastValueFrom(train(network, options));
  const wanted = weightsOf(network);
  network.dispose();
  // The last step is to be done again.
  const newest = join(checkpoints, readdirSync(checkpoints).sort().at(-1)!);
  const manifest = join(newest, 'manifest.json');
  const whole = readFileSync(manifest);
  const bits = Array.from({ length: 8 * whole.length }, (_, i) => i);
  const flip = (bit: number) => {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    writeFileSync(manifest, bytes);
  };
  const accepted: number[] = [];
  for (const bit of bits) {
    flip(bit);
    const error = await readFolder(newest).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(error instanceof BanyanError && error.code === 'checkpoint')) accepted.push(bit);
  }
  const kept = join(folder, 'kept');
  cpSync(checkpoints, kept, { recursive: true });
  const others: number[] = [];
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  for (const bit of evenly(bits, RESUMES)) {
    cpSync(kept, checkpoints, { recursive: true });
    flip(bit);
    const again = await build();
    await lastValueFrom(resume(again, checkpoints, options));
    if (JSON.stringify(weightsOf(again)) !== JSON.stringify(wanted)) others.push(bit);
    again.dispose();
  }
  expect(warn.mock.calls.length).toBeGreaterThanOrEqual(RESUMES);
  warn.mockRestore();
  const figures = `${bits.length} flips, ${accepted.length} accepted; ${RESUMES} resumes over one, ${others.length} with other weights`;
  await record("each bit of a checkpoint's manifest flipped", figures);
  expect(accepted).toEqual([]);
  expect(others).toEqual([]);
});
