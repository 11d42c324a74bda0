// Trains in the main thread (m) and in workers (w), in the order given: `m,w` one after the other, `w+w` at once. Prints the weights'

// digest of each as a line of JSON.
import { createHash } from 'node:crypto';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { lastValueFrom } from 'rxjs';
import { createNetwork, denseTrunk, startRuntime, train } from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { numbersTask } from '../../fixtures.ts';

async function digest(): Promise<string> {
  const { reasons } = await startRuntime();
  const network = await createNetwork({
    trunk: denseTrunk({ width: 16, depth: 2 }),
    tasks: [numbersTask('t')],
    seed: 1,
  });
  await lastValueFrom(train(network, { steps: 5, batch: 16 }));
  const hash = createHash('sha256');
  for (const { tensor } of internals(network).body.store.all()) hash.update(await tensor.data());
  network.dispose();
  return `${hash.digest('hex')} ${reasons.at(-2)}`;
}

// The hook that lets the main thread load TypeScript does not come with a worker.
const LOADER = `
  const { workerData } = require('node:worker_threads');
  import('tsx/esm/api').then(({ register }) => (register(), import(workerData)));
`;

function inWorker(): Promise<string> {
  return new Promise((done, fail) => {
    let told = '';
    new Worker(LOADER, { eval: true, workerData: import.meta.url })
      .on('message', (message: string) => (told = message))
      .on('error', fail)
      .on('exit', () => done(told));
  });
}

if (isMainThread) {
  const digests: string[] = [];
  for (const together of process.argv[2]!.split(','))
    digests.push(...(await Promise.all(together.split('+').map((who) => (who === 'm' ? digest() : inWorker())))));
  console.log(JSON.stringify(digests));
} else {
  parentPort!.postMessage(await digest());
}
