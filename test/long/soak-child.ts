// One training for so many minutes, with evaluations, checkpoints and predictions meanwhile; prints its memory every ten seconds.
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { createNetwork, startRuntime, train, transformerTrunk } from 'banyan-ml';
import { notes, shapes, spaceInvaders } from 'banyan-ml/tasks';
import { tap } from 'rxjs';

const [minutes, folder] = [Number(process.argv[2]), process.argv[3]!];
const EVERY = 10_000;
await startRuntime();

const trunk = transformerTrunk({ width: 32, depth: 2, heads: 4, dropout: 0.1 });
const network = await createNetwork({ trunk, tasks: [shapes, { ...spaceInvaders, weight: 4 }, notes] });
const pictures = await shapes.source.read('validation', [0, 1, 2, 3], {} as never);
const begin = performance.now();
let told = 0;

function tell(step: number): void {
  globalThis.gc!();
  // Without the pages of files, which the system takes away and brings again.
  const kilobytes = Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  const megabytes = { resident: kilobytes / 1024, heap: process.memoryUsage().heapUsed / 2 ** 20 };
  const seconds = Math.round((performance.now() - begin) / 1000);
  process.stdout.write(`${JSON.stringify({ seconds, step, ...megabytes, tensors: tf.memory().numTensors })}\n`);
}

const training = train(network, {
  steps: 10_000_000,
  batch: { shapes: 16, 'space-invaders': 64, notes: 4 },
  evaluateEvery: 1000,
  evaluateExamples: 64,
  checkpoint: { folder, every: 250 },
  stop: () => performance.now() - begin > 60_000 * minutes,
});
await new Promise<void>((done, fail) => {
  training
    .pipe(
      tap((event) => {
        if (event.kind !== 'step') return;
        if (event.step % 100 === 0)
          void network
            .predict(
              'shapes',
              pictures.map(({ input }) => input),
            )
            .catch(fail);
        if (performance.now() - begin < told * EVERY) return;
        told++;
        tell(event.step);
      }),
    )
    .subscribe({ error: fail, complete: done });
});
network.dispose();
