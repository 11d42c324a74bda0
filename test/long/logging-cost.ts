// node --conditions=source --import tsx test/long/logging-cost.ts [--steps 300] [--rounds 5] [--batch 32]
// What logs cost a step: trainings without a log and with each kind take turns, evaluations apart. It prints the median time of a
// step, how much longer it is than without a log, and the time that the logger itself holds the training up.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { notes, sentences, shapes } from 'banyan-ml/tasks';
import { connectable } from 'rxjs';
import {
  createNetwork,
  csvLogger,
  type Logger,
  logTraining,
  mlflowLogger,
  tensorBoardLogger,
  train,
  transformerTrunk,
} from '../../src/index.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '300' },
    rounds: { type: 'string', default: '5' },
    batch: { type: 'string', default: '32' },
  },
});
const [steps, rounds, batch] = [values.steps, values.rounds, values.batch].map(Number) as [number, number, number];
/** Steps that make the graph and fill the caches. */
const WARM = 20;

// Takes whatever it is sent.
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end('{"experiment":{"experiment_id":"0"},"run":{"info":{"run_id":"0"}}}'));
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const LOGS: Readonly<Record<string, readonly Logger[]>> = {
  none: [],
  csv: [csvLogger()],
  tensorboard: [tensorBoardLogger()],
  mlflow: [mlflowLogger({ url })],
};

/** The logger, and how long its writes take. */
function timed(logger: Logger, add: (milliseconds: number) => void): Logger {
  return {
    kind: logger.kind,
    open: (training) => {
      const writer = logger.open(training);
      const write: typeof writer.write = (event) => {
        const begin = performance.now();
        writer.write(event);
        if (event.kind === 'step' && event.step > WARM) add(performance.now() - begin);
      };
      return { write, close: () => writer.close() };
    },
  };
}

const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0;
const times = new Map<string, { step: number[]; write: number[] }>();

for (let round = 0; round < rounds; round++) {
  for (const [name, loggers] of Object.entries(LOGS)) {
    const taken = times.get(name) ?? { step: [], write: [] };
    times.set(name, taken);
    const folder = mkdtempSync(join(tmpdir(), 'banyan-logs-'));
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 64, depth: 2, heads: 4 }),
      tasks: [shapes, notes, sentences],
      seed: 1,
    });
    const events = connectable(train(network, { steps, batch }));
    const logs = logTraining(events, network, {
      loggers: loggers.map((logger) => timed(logger, (milliseconds) => taken.write.push(milliseconds))),
      folder,
    });
    let before = 0;
    await new Promise<void>((done, fail) => {
      events.subscribe({
        next: (event) => {
          const now = performance.now();
          if (event.kind === 'step' && event.step > WARM) taken.step.push(now - before);
          before = now;
        },
        error: fail,
        complete: done,
      });
      events.connect();
    });
    await logs.close();
    network.dispose();
    rmSync(folder, { recursive: true });
  }
}
server.close();

const base = median(times.get('none')!.step);
for (const [name, { step, write }] of times) {
  const difference = `${(100 * (median(step) / base - 1)).toFixed(2)} %`;
  console.log(
    `${name.padEnd(12)} ${median(step).toFixed(3)} ms a step (${difference} more than none), ${median(write).toFixed(3)} ms in the logger (${((100 * median(write)) / base).toFixed(2)} %)`,
  );
}
