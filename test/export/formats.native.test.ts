// Every head, stem, trunk and way of sharing, exported in every form: at several sizes of batch it gives what the network predicts.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOLERANCE } from '../../src/export/check.ts';
import { FORMATS } from '../../src/export/formats/formats.ts';
import { openTfjs } from '../../src/export/formats/tfjs-runtime.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { temporaryFolder } from '../repository.ts';
import { differencesAtBatches, NETWORKS } from './at-batches.ts';

const { compiled } = await startRuntime();
const folder = temporaryFolder();
// What a converter makes takes too long for all of them: test/long/tflite.test.ts.
const forms = FORMATS.filter(({ converts }) => !converts);

describe.skipIf(!compiled)('an exported network', () => {
  it.each(NETWORKS)('$name', { timeout: 180_000 }, async (one) => {
    const differences = await differencesAtBatches(
      one,
      forms,
      join(folder, one.name.replace(/\W/g, '-')),
      // What browsers run; the JavaScript backend is held by the other tests.
      (format, out, graph) => (format.kind === 'tfjs' ? openTfjs(out, 'wasm') : format.open(out, graph)),
    );
    for (const [where, difference] of differences) expect(difference, where).toBeLessThanOrEqual(TOLERANCE);
    expect(differences.size).toBeGreaterThanOrEqual(forms.length * 3);
  });
});
