// Networks that are created, trained in graphs, evaluated and disposed, one after the other; prints what is left after every
// tenth: resident and heap megabytes, and tfjs's tensors.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { constantSchedule, createNetwork, denseTrunk, evaluate, startRuntime, train } from 'banyan-ml';
import { lastValueFrom } from 'rxjs';
import { numbersTask } from '../fixtures.ts';

const count = Number(process.argv[2]);
const EVERY = 10;
await startRuntime();

async function one(seed: number): Promise<void> {
  // Small graphs of many variables.
  const trunk = denseTrunk({ width: 8, depth: 6 });
  const network = await createNetwork({ trunk, tasks: [numbersTask('numbers')], seed });
  await lastValueFrom(train(network, { steps: 3, batch: 8, seed, schedule: constantSchedule() }));
  await evaluate(network, { split: 'validation', examples: 32 });
  network.dispose();
}

for (let i = 1; i <= count; i++) {
  await one(i);
  if (i % EVERY !== 0) continue;
  globalThis.gc!();
  await wait(20);
  globalThis.gc!();
  // Without the pages of files, which the system takes away and brings again.
  const kilobytes = Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  const { heapUsed } = process.memoryUsage();
  const megabytes = { resident: kilobytes / 1024, heap: heapUsed / 2 ** 20 };
  process.stdout.write(`${JSON.stringify({ networks: i, ...megabytes, tensors: tf.memory().numTensors })}\n`);
}
