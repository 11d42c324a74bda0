// Weights that somebody else has disposed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, tap } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNetwork, denseTrunk, evaluate, type Network, resume, startRuntime, train } from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { inputs, numbersTask } from '../fixtures.ts';

let folder: string;
beforeEach(async () => {
  await startRuntime();
  folder = mkdtempSync(join(tmpdir(), 'banyan-gone-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const trunk = denseTrunk({ width: 8, depth: 1 });
const build = () => createNetwork({ trunk, tasks: [numbersTask('a')], seed: 1 }) as Promise<Network>;
const options = { steps: 2, batch: 8 };

const uses: Record<string, (network: Network) => Promise<unknown>> = {
  train: (network) => lastValueFrom(train(network, options)),
  resume: (network) => lastValueFrom(resume(network, folder, options)),
  evaluate: (network) => evaluate(network),
  predict: (network) => network.predict('a', inputs.slice(0, 1)),
  save: (network) => network.save(join(folder, 'saved')),
  summary: async (network) => network.summary(),
  addColumn: (network) => network.addColumn({ tasks: [numbersTask('b')] }),
};

const gone = (which: string) =>
  `The weights of this network are gone: ${which}. Expected all of them. Load it from where it was saved, or create it again, and free networks by their dispose().`;

it.each(Object.keys(uses))('are told by %s', async (use) => {
  const [all, one, disposed] = [await build(), await build(), await build()];
  const first = internals(one).body.store.all()[0]!;
  const count = internals(one).body.store.all().length;
  first.tensor.dispose();
  await expect(uses[use]!(one)).rejects.toMatchObject({
    code: 'argument',
    message: gone(
      `1 of ${count} variables were disposed outside of it (${first.name}; tf.disposeVariables frees those of all networks)`,
    ),
  });
  await lastValueFrom(train(all, options));
  tf.disposeVariables();
  await expect(uses[use]!(all)).rejects.toMatchObject({
    code: 'argument',
    message: gone(
      `${count} of ${count} variables were disposed outside of it (${first.name}, …; tf.disposeVariables frees those of all networks)`,
    ),
  });
  disposed.dispose();
  await expect(uses[use]!(disposed)).rejects.toMatchObject({
    code: 'argument',
    message: 'This network was disposed and has no weights any more. Expected a live network. Create or load it again.',
  });
  one.dispose();
  all.dispose();
});

it.each(['auto', 'eager'] as const)('end a training that runs (%s)', async (compile) => {
  const network = await build();
  const ended = lastValueFrom(
    train(network, { steps: 5, batch: 8, compile }).pipe(
      tap((event) => {
        if (event.kind === 'step' && event.step === 2) tf.disposeVariables();
      }),
    ),
  );
  await expect(ended).rejects.toMatchObject({
    code: 'argument',
    message: expect.stringMatching(
      /^\d+ of \d+ variables of this network were disposed outside of it \(by tf\.disposeVariables, or dispose\)\. Expected all of them\. Load the network from where it was saved, or create it again, and free networks by their dispose\(\)\.$/,
    ),
  });
  network.dispose();
});
