// Every head, stem, trunk and way of sharing by TensorFlow's converter: a few seconds for each function.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exportNetwork } from '../../src/export/index.ts';
import { createNetwork } from '../../src/index.ts';
import type { Network } from '../../src/network/index.ts';
import { findSideCar, TFLITE } from '../../src/runtime/index.ts';
import { temporaryFolder } from '../repository.ts';
import { cases } from '../runtime/capture/cases.ts';

const installed = findSideCar(TFLITE) !== undefined;
const folder = temporaryFolder();
const networks = cases().filter(({ options }) => options === undefined);

it.skipIf(!installed).each(networks)('$name for phones', async ({ name, trunk, grow, make }) => {
  const { tasks, done } = make();
  const network = (await createNetwork({ trunk, tasks, seed: 3 })) as Network;
  try {
    for (const column of grow ?? []) await network.addColumn(column);
    const { functions } = await exportNetwork(network, {
      format: 'tflite',
      out: join(folder, name.replace(/\W/g, '-')),
    });
    expect(functions.every(({ difference }) => difference! <= 1e-5)).toBe(true);
  } finally {
    network.dispose();
    done?.();
  }
});
