// Saved networks with anything wrong in them, sealed or not: they are refused as a BanyanError, or load and predict.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import {
  BanyanError,
  createNetwork,
  denseTrunk,
  mmoe,
  Network,
  stackedTrunk,
  transformerTrunk,
} from '../../../src/index.ts';
import { changed, sealed } from '../../checkpoint/changed.ts';
import { inputs, numbersTask } from '../../fixtures.ts';

/** A grown network of a trunk that is shared softly, with the proof of what is frozen, in this folder. */
async function saved(folder: string): Promise<Network> {
  const trunk = stackedTrunk(denseTrunk({ width: 4, depth: 1 }), transformerTrunk({ width: 4, depth: 1, heads: 2 }));
  const network = await createNetwork({
    trunk: mmoe(trunk, { experts: 2 }),
    tasks: [numbersTask('a'), numbersTask('b')],
  });
  await network.addColumn({ tasks: [numbersTask('c')], laterals: { stem: 'a' } });
  await network.save(folder);
  return network;
}

export async function fuzzNetwork(runs: number, place: string): Promise<{ readonly accepted: number }> {
  const [original, folder] = [join(place, 'whole'), join(place, 'fuzzed')];
  (await saved(original)).dispose();
  cpSync(original, folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(original, 'manifest.json'), 'utf8'));
  const { sha256: _, ...rest } = manifest;
  const names = Object.keys(manifest.files);
  const bytesOf = new Map(names.map((name) => [name, readFileSync(join(original, name))]));

  /** The header of one of the files of tensors, changed, and sealed in the manifest. */
  const tensors = fc.constantFrom(...names).chain((name) => {
    const bytes = bytesOf.get(name)!;
    const length = Number(bytes.readBigUInt64LE());
    return changed(JSON.parse(bytes.subarray(8, 8 + length).toString())).map((header) => {
      const text = Buffer.from(JSON.stringify(header) ?? '');
      const begin = Buffer.alloc(8);
      begin.writeBigUInt64LE(BigInt(text.length));
      const file = Buffer.concat([begin, text, bytes.subarray(8 + length)]);
      const listed = { bytes: file.length, sha256: createHash('sha256').update(file).digest('hex') };
      return { name, file, manifest: { ...rest, files: { ...rest.files, [name]: listed } } };
    });
  });
  /** Numbers that mean something else, or nothing. */
  const numbers = fc
    .tuple(fc.constantFrom(...names), fc.nat(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e30, -3))
    .map(([name, at, value]) => {
      const file = Buffer.from(bytesOf.get(name)!);
      const start = 8 + Number(file.readBigUInt64LE());
      file.writeFloatLE(value, start + 4 * (at % ((file.length - start) / 4)));
      const listed = { bytes: file.length, sha256: createHash('sha256').update(file).digest('hex') };
      return { name, file, manifest: { ...rest, files: { ...rest.files, [name]: listed } } };
    });
  const content = changed(rest.content).map((other) => ({
    name: names[0]!,
    file: bytesOf.get(names[0]!)!,
    manifest: { ...rest, content: other },
  }));
  const whole = changed(rest).map((other) => ({ name: names[0]!, file: bytesOf.get(names[0]!)!, manifest: other }));

  const tasks = [numbersTask('a'), numbersTask('b'), numbersTask('c')];
  const before = tf.memory().numTensors;
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ arbitrary: content, weight: 3 }, whole, tensors, numbers),
      async ({ name, file, manifest }) => {
        writeFileSync(join(folder, name), file);
        writeFileSync(
          join(folder, 'manifest.json'),
          sealed(typeof manifest === 'object' && manifest !== null ? manifest : { manifest }),
        );
        const begin = performance.now();
        try {
          const network = await Network.load(folder, { tasks });
          try {
            for (const { name: task } of network.tasks) {
              const predicted = await network.predict(task as 'a', [inputs[0]!, inputs[1]!]);
              assert.equal(predicted.length, 2);
            }
            accepted++;
          } finally {
            network.dispose();
          }
        } catch (error) {
          if (!(error instanceof BanyanError)) throw error;
        }
        writeFileSync(join(folder, name), bytesOf.get(name)!);
        assert(performance.now() - begin < 10_000);
        assert.equal(tf.memory().numTensors, before);
      },
    ),
    { numRuns: runs },
  );
  return { accepted };
}
