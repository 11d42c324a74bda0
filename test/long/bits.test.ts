import { expect, it } from 'vitest';
import { child } from '../runtime/install/fake-toolchain.ts';

it('eager and as a graph, every case trains to the same bits for a hundred steps', async () => {
  const env = { TF_ENABLE_ONEDNN_OPTS: '0', BANYAN_GRAPH_OPTIMIZER: 'off' };
  const { code, out, err } = await child(['test/runtime/capture/bits-child.ts', '100', 'joint'], env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const [name, found] of Object.entries(JSON.parse(out) as Record<string, string[]>))
    expect(found, name).toEqual([]);
});
