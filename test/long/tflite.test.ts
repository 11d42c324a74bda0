// Every head, stem, trunk and way of sharing by TensorFlow's converter, asked by LiteRT: a few seconds for each function.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TOLERANCE } from '../../src/export/check.ts';
import { FORMATS } from '../../src/export/formats/formats.ts';
import { findSideCar, TFLITE } from '../../src/runtime/index.ts';
import { differencesAtBatches, NETWORKS } from '../export/at-batches.ts';
import { temporaryFolder } from '../repository.ts';

const installed = findSideCar(TFLITE) !== undefined;
const folder = temporaryFolder();
const forms = FORMATS.filter(({ kind }) => kind === 'tflite');

it.skipIf(!installed).each(NETWORKS)('$name for phones', async (one) => {
  const differences = await differencesAtBatches(
    one,
    forms,
    join(folder, one.name.replace(/\W/g, '-')),
    (format, out, graph) => format.open(out, graph),
  );
  for (const [where, difference] of differences) expect(difference, where).toBeLessThanOrEqual(TOLERANCE);
  expect(differences.size).toBeGreaterThanOrEqual(3);
});
