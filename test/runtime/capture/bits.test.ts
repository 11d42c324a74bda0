import { describe, expect, it } from 'vitest';
import { child } from '../install/fake-toolchain.ts';

/** Without oneDNN's and the graph optimiser's liberties a graph computes just what its operations compute one by one. */
describe('eager and as a graph, to the bit', () => {
  it('train to the same losses, weights and predictions', { timeout: 300_000 }, async () => {
    const env = { TF_ENABLE_ONEDNN_OPTS: '0', BANYAN_GRAPH_OPTIMIZER: 'off' };
    const { code, out, err } = await child(['test/runtime/capture/bits-child.ts'], env);
    if (code !== 0 && process.env.CI !== 'true' && /TensorFlow is required/.test(err)) return;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const differences = JSON.parse(out) as Record<string, string[]>;
    expect(Object.keys(differences).length).toBeGreaterThan(10);
    for (const [name, found] of Object.entries(differences)) expect(found, name).toEqual([]);
  });
});
