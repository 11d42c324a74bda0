// npm run banyan -- setup && node --conditions=source --import tsx examples/space-invaders.ts --marks 120,300
//
// Space Invaders alone, by PPO, with a small network: one convolution of 16 filters, one layer of 128 numbers, policy and value.
// Prints a JSON line at each mark (seconds of training, evaluation not counted): frames, frames a second, and the mean return of
// 100 episodes with its 95 % interval.
import { parseArgs } from 'node:util';
import { adam, createNetwork, defineTask, evaluate, type Schedule, startRuntime, type Trunk, train } from 'banyan-ml';
import * as control from 'banyan-ml/heads/control';
import { relu } from 'banyan-ml/layers';
import { SpaceInvaders } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';

const { values } = parseArgs({
  options: { marks: { type: 'string', default: '120,300,600' }, seed: { type: 'string', default: '0' } },
});
const marks = values.marks.split(',').map(Number);
const seed = Number(values.seed);
const [game, batch, epochs] = ['space-invaders', 512, 3];
const { actions, observationShape } = new SpaceInvaders();
const alone = defineTask({
  name: game,
  stem: control.observationStem({ shape: observationShape, filters: [16] }),
  head: control.actorCritic({ actions }),
  source: control.rollouts({ environment: () => new SpaceInvaders(), task: game, epochs }),
});

await startRuntime();
// The game's stem is all there is: what it gives is rectified, and read by the head.
const trunk: Trunk = { kind: 'relu', width: 128, depth: 1, config: {}, block: () => ({ forward: (x) => relu(x) }) };
const network = await createNetwork({ trunk, tasks: [alone], seed });
console.log(JSON.stringify({ parameters: network.summary().parameters }));

let [updates, seconds] = [0, 0];
// The learning rate falls in a line from 1e-3 to 1e-4 over the time that there is.
const schedule: Schedule = {
  kind: 'falling',
  config: {},
  factor: () => 1 - 0.9 * Math.min(1, (seconds + since()) / marks.at(-1)!),
};
let begin = performance.now();
const since = () => (performance.now() - begin) / 1000;
for (const mark of marks) {
  begin = performance.now();
  const events = train(network, {
    steps: Number.MAX_SAFE_INTEGER,
    batch,
    seed,
    schedule,
    clip: 0.5,
    ...(updates === 0 ? { optimizer: adam({ epsilon: 1e-5 }) } : {}),
    stop: (event) => event.kind === 'step' && seconds + since() >= mark,
  });
  updates += (await lastValueFrom(events)).step;
  seconds += since();
  const { [game]: result } = await evaluate(network);
  const frames = Math.round((updates * batch) / epochs);
  console.log(
    JSON.stringify({
      mark,
      seconds: Number(seconds.toFixed(1)),
      frames,
      framesPerSecond: Math.round(frames / seconds),
      return: Number(result!.return!.toFixed(1)),
      interval: Number((1.96 * result!['standard-error']!).toFixed(1)),
      length: Number(result!.length!.toFixed(0)),
      peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
    }),
  );
}
