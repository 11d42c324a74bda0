import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { median } from '../../src/cli/bench/median.ts';
import { GENERATED } from '../../src/cli/bench/networks/index.ts';
import { predictTable } from '../../src/cli/bench/predict.ts';
import { createNetwork } from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { startRuntime } from '../../src/runtime/index.ts';
import { train } from '../../src/train/index.ts';
import { banyan, banyanEach } from './command.ts';

describe('bench', () => {
  it('measures each variant in a process of its own', async () => {
    const { code, stdout } = await banyan([
      'bench',
      '--network',
      'cnn-3-heads',
      '--batch',
      '1',
      '--rounds',
      '1',
      '--json',
    ]);
    expect(code).toBe(0);
    const { machine, rows } = JSON.parse(stdout);
    expect(machine).toMatchObject({ threads: expect.any(Number), node: process.version });
    expect(rows.map(({ variant }: { variant: string }) => variant)).toEqual(['eager', 'graph', 'xla']);
    for (const row of rows) {
      expect(row).toMatchObject({ network: 'cnn-3-heads', batch: 1 });
      expect(row.msPerStep).toBeGreaterThan(0);
      expect(row.examplesPerSecond).toBe(Math.round(1000 / row.msPerStep));
      expect(row.peakMemoryMB).toBeGreaterThan(100);
    }
  });

  it('measures predictions, of plain tfjs and of what is exported too', async () => {
    const outcomes = await banyanEach(
      ...['graph', 'stock', 'onnx'].map((predictor) => ['bench-predict-one', 'cnn-3-heads', '1', predictor, '50']),
    );
    for (const { code, stdout, stderr } of outcomes) {
      expect(code, stderr).toBe(0);
      const { msPerStep, processorMs } = JSON.parse(stdout);
      expect(msPerStep).toBeGreaterThan(0);
      expect(processorMs).toBeGreaterThan(0);
    }
    const rows = [
      { network: 'cnn-3-heads', batch: 1, predictor: 'graph', milliseconds: 0.5, processorMs: 0.75, peakMemoryMB: 1 },
      { network: 'cnn-3-heads', batch: 64, predictor: 'torch', milliseconds: 4, processorMs: 8, peakMemoryMB: 1 },
    ] as const;
    expect(predictTable({ machine: {} as never, rows })).toBe(
      [
        'network, batch           graph           torch',
        '──────────────  ──────────────  ──────────────',
        'cnn-3-heads 1   0.50 (0.75) ms',
        'cnn-3-heads 64                  4.00 (8.00) ms',
      ].join('\n'),
    );
  });

  it('takes the middle of what was measured', () => {
    expect(median([3])).toBe(3);
    expect(median([4, 1])).toBe(2.5);
    expect(median([9, 1, 2])).toBe(2);
    expect(median([9, 1, 2, 4])).toBe(3);
  });

  it('says what there is to measure', async () => {
    const { code, stderr } = await banyan(['bench', '--network', 'cnn']);
    expect(code).toBe(1);
    expect(stderr.trim()).toBe(
      'error: bench: network and batch must be cnn-3-heads at 1, 16, 64, 256; transformer-3-modalities at 8, 32, 128; multi-model at 16, 64; multi-model-transformer at 16, 64; multi-model-writing at 1, 32; multi-model-transformer-writing at 1, 32; joint-real at 64, received cnn at any. Choose one of these, or leave them out for all.',
    );
  });

  it('has a transformer whose graph at batch 128 takes a few megabytes at most', async () => {
    await startRuntime({ require: 'tensorflow' });
    const { trunk, tasks } = GENERATED.find(({ name }) => name === 'transformer-3-modalities')!;
    const network = await createNetwork({ trunk, tasks: tasks(128) as never });
    await lastValueFrom(train(network as never, { steps: 1, batch: 128, compile: 'graph' }));
    const [graph] = internals(network).body.runner.graphs;
    expect(graph!.bytes).toBeLessThan(5e6);
    network.dispose();
  });
});
