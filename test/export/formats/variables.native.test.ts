import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportNetwork } from '../../../src/export/index.ts';
import { createNetwork, denseTrunk } from '../../../src/index.ts';
import { internals, type Network } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { numbersTask } from '../../fixtures.ts';
import { temporaryFolder } from '../../repository.ts';

const { compiled, tensorflow } = await startRuntime();
const folder = temporaryFolder();
let network: Network;
beforeAll(async () => {
  const tasks = [numbersTask('sum'), numbersTask('other')];
  network = (await createNetwork({ trunk: denseTrunk({ width: 32, depth: 2 }), tasks, seed: 1 })) as Network;
});
afterAll(() => network.dispose());

describe.skipIf(!compiled)('a SavedModel with variables', () => {
  it('has its weights in a checkpoint, from which TensorFlow restores them', async () => {
    const out = join(folder, 'variables');
    const report = await exportNetwork(network, { format: 'saved-model', variables: true, out });
    expect(readdirSync(out, { recursive: true }).sort()).toEqual([
      'banyan-export.json',
      'banyan_export.py',
      'saved_model.pb',
      'variables',
      'variables/variables.data-00000-of-00001',
      'variables/variables.index',
    ]);
    // Before they are restored they are 0.
    expect(report.checkedBy).toBe(`TensorFlow ${tensorflow}`);
    for (const { difference } of report.functions) expect(difference).toBeLessThanOrEqual(1e-5);
    const variables = internals(network).body.store.all();
    const data = readFileSync(join(out, 'variables/variables.data-00000-of-00001'));
    expect(data.length).toBe(variables.reduce((sum, { tensor }) => sum + 4 * tensor.size, 0));
    for (const { tensor } of variables) {
      const bytes = Buffer.from(Float32Array.from(await tensor.data()).buffer);
      expect(data.includes(bytes)).toBe(true);
    }
    // A table of the names, with what it has in common with the one before left out: the first one is whole.
    const [first] = variables.map(({ name }) => name).sort();
    expect(readFileSync(join(out, 'variables/variables.index')).includes(first!)).toBe(true);
  });

  it('is in float32, and of no other form', async () => {
    const out = join(folder, 'x');
    await expect(exportNetwork(network, { format: 'onnx', variables: true, out })).rejects.toThrow(
      'exportNetwork: variables are of the form saved-model, in float32, received onnx. Leave variables out.',
    );
    const both = { format: 'saved-model', variables: true, quantise: 'int8', out } as const;
    await expect(exportNetwork(network, both)).rejects.toThrow('in float32, received int8 weights.');
  });
});
