import { setTimeout as pause } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { createNetwork, defineTask, denseTrunk } from '../../src/index.ts';
import type { AnyNetwork } from '../../src/network/index.ts';
import { serve } from '../../src/serve/index.ts';
import { headOf, inputs, numbersSource, numbersTask, stemOf } from '../fixtures.ts';

const make = (seed: number): Promise<AnyNetwork> => {
  const task = defineTask({ name: 'sum', stem: stemOf, head: headOf, source: numbersSource(([x]) => x!) });
  return createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task], seed });
};

it('networks take the place of others without a request that is lost, and nothing is left of those', async () => {
  const first = await make(0);
  const server = await serve({ a: first, b: await make(99) }, { port: 0, batch: 8, window: 0 });
  const expected = new Map<string, number>();
  let serving = first;
  expected.set('1', (await first.predict('sum', [inputs[0]!]))[0] as number);
  let done = false;
  const answers: { status: number; version: string; predictions: number[] }[] = [];
  const client = async () => {
    while (!done) {
      const response = await fetch(`${server.url}/predict/a.sum`, {
        method: 'POST',
        body: JSON.stringify({ inputs: [inputs[0]] }),
        headers: { 'content-type': 'application/json' },
      });
      answers.push({
        status: response.status,
        ...((await response.json()) as { version: string; predictions: number[] }),
      });
    }
  };
  const clients = Array.from({ length: 4 }, client);
  let tensors = 0;
  for (let version = 2; version <= 8; version++) {
    const next = await make(version);
    expected.set(String(version), (await next.predict('sum', [inputs[0]!]))[0] as number);
    const before = await server.replace(next, 'a');
    expect(before).toBe(serving);
    before.dispose();
    serving = next;
    while (!answers.some((answer) => answer.version === String(version))) await pause(1);
    if (version === 2) tensors = tf.memory().numTensors;
    expect(tf.memory().numTensors, 'tensors of networks that are gone').toBe(tensors);
  }
  done = true;
  await Promise.all(clients);
  const gauge = await (await fetch(`${server.url}/metrics`)).text();
  expect(gauge).toContain('banyan_network_version{network="a"} 8\n');
  expect(gauge).toContain('banyan_network_replacements_total{network="a"} 7\n');
  const other = await make(5);
  expect(await server.replace(other, 'c').catch((error: Error) => error.message)).toBe(
    'replace: there is no network "c". Expected one of: a, b. Did you mean "a"?',
  );
  const without: AnyNetwork = await createNetwork({
    trunk: denseTrunk({ width: 8, depth: 1 }),
    tasks: [numbersTask('others')],
    seed: 1,
  });
  expect(await server.replace(without, 'a').catch((error: Error) => error.message)).toContain('There is no task "sum"');
  const last = await server.replace(other, 'b');
  await server.close();
  for (const network of [last, other, without, serving]) network.dispose();

  for (const { status, version, predictions } of answers)
    expect([status, predictions]).toEqual([200, [expect.closeTo(expected.get(version)!, 5)]]);
});
