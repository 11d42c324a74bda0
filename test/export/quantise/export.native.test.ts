import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/export/formats/formats.ts';
import { exportNetwork } from '../../../src/export/index.ts';
import { createNetwork, denseTrunk } from '../../../src/index.ts';
import { internals, measure, type Network } from '../../../src/network/index.ts';
import { startRuntime } from '../../../src/runtime/index.ts';
import { numbersTask } from '../../fixtures.ts';
import { temporaryFolder } from '../../repository.ts';

const { compiled } = await startRuntime();
const folder = temporaryFolder();
let network: Network;
beforeAll(async () => {
  network = (await createNetwork({
    trunk: denseTrunk({ width: 64, depth: 2 }),
    tasks: [numbersTask('sum'), numbersTask('other')],
    seed: 1,
  })) as Network;
});
afterAll(() => network.dispose());

describe.skipIf(!compiled).each(FORMATS.filter(({ converts }) => !converts).map(({ kind }) => kind))(
  'weights of fewer bits as %s',
  (format) => {
    it('make it smaller; it gives what the network gives with the weights that are read back', async () => {
      const options = { format, tasks: ['sum'] } as const;
      const whole = await exportNetwork(network, { ...options, out: join(folder, `${format}-whole`) });
      const half = await exportNetwork(network, {
        ...options,
        out: join(folder, `${format}-half`),
        quantise: 'float16',
      });
      const byte = await exportNetwork(network, {
        ...options,
        out: join(folder, `${format}-byte`),
        quantise: 'int8',
        mayLose: 1,
      });
      const stored = 2 * 64 * 64;
      expect(whole.bytes - half.bytes).toBeGreaterThan(2 * stored - 1500);
      expect(whole.bytes - byte.bytes).toBeGreaterThan(3 * stored - 2500);
      for (const { functions } of [half, byte]) expect(functions[0]!.difference).toBeLessThanOrEqual(1e-5);
      expect(half.quantise).toBe('float16');
      const { metric, before, after } = byte.changes!.sum!;
      expect(metric).toBe('absolute-error');
      expect(before).toBe((await measure(internals(network).body, { tasks: ['sum'] })).sum!['absolute-error']);
      expect(after).not.toBe(before);
      expect(Math.abs(after - before)).toBeLessThan(0.05 * before);
    });
  },
);

describe.skipIf(!compiled)('a task that loses too much', () => {
  it('is refused, with its figures', async () => {
    const out = join(folder, 'refused');
    const both = { format: 'onnx', out, quantise: 'int8', mayLose: 0 } as const;
    await expect(exportNetwork(network, both)).rejects.toThrow(
      /^Task "(sum|other)": with int8 weights its absolute-error is [\d.]+ in place of [\d.]+, expected to lose at most 0 of it\. Store the weights in more bits, or say how much may be lost \(`mayLose`\)\.$/,
    );
  });

  it('says which forms there are', async () => {
    const wrong = { format: 'onnx', out: join(folder, 'x'), quantise: 'int4' as 'int8' } as const;
    await expect(exportNetwork(network, wrong)).rejects.toThrow(
      'exportNetwork as onnx: quantise must be one of "float16", "int8", received "int4".',
    );
  });
});
