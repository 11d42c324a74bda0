// npm run banyan -- setup && node --conditions=source --import tsx examples/joint.ts --steps 1950 --marks 60,120,240,480,720
//
// Pictures, speech and sentences on one transformer trunk, on real data: Fashion-MNIST, the Free Spoken Digit Dataset and
// banking77. Prints one JSON line at each mark (seconds of training, evaluation not counted) and step mark, with the test metrics.
import { parseArgs } from 'node:util';
import {
  type AnyTask,
  adamW,
  createNetwork,
  evaluate,
  type Schedule,
  type StepEvent,
  startRuntime,
  train,
  transformerTrunk,
  warmupCosine,
} from 'banyan-ml';
import { clothing, intents, spokenDigits } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '1950' },
    batch: { type: 'string', default: '64' },
    seed: { type: 'string', default: '0' },
    tasks: { type: 'string', default: 'clothing,spoken-digits,intents' },
    marks: { type: 'string', default: '' },
    'step-marks': { type: 'string', default: '' },
    floor: { type: 'string', default: '0' },
  },
});
const numbers = (text: string) => text.split(',').filter(Boolean).map(Number);
const byName: Record<string, AnyTask> = { clothing, 'spoken-digits': spokenDigits, intents };
const tasks = values.tasks.split(',').map((name) => byName[name]!);
const [steps, batch, seed] = [Number(values.steps), Number(values.batch), Number(values.seed)];
const marks = numbers(values.marks);
const stepMarks = new Set(numbers(values['step-marks']));

const { backend, tensorflow, device, threads } = await startRuntime();
const begin = performance.now();
const network = await createNetwork({ trunk: transformerTrunk({ width: 128, depth: 4, heads: 4 }), tasks, seed });
const say = (line: object) => console.log(JSON.stringify(line));
say({
  backend,
  tensorflow,
  device,
  threads,
  parameters: network.summary().parameters,
  prepared: Math.round(performance.now() - begin),
});

const base = warmupCosine({ warmup: Math.min(100, steps) });
let [done, seconds] = [0, 0]; // Training has a clock of its own: reading the data before, and evaluation, are not counted.
let accuracies: Record<string, number> = {};
while (done < steps) {
  // At each mark training stops, so that the weights stay as they are, and then goes on where it was.
  const offset = done;
  const schedule: Schedule = { ...base, factor: (step) => base.factor(step + offset, steps) };
  let last: StepEvent | undefined;
  let begin = 0;
  const events = train(network, {
    steps: steps - offset,
    batch,
    seed,
    schedule,
    clip: 1,
    ...(offset === 0 ? { optimizer: adamW({ learningRate: 2e-3, weightDecay: 0.05 }) } : {}),
    stop: (event) => {
      if (event.kind === 'start') begin = performance.now();
      if (event.kind !== 'step') return false;
      last = event;
      done = offset + event.step;
      return stepMarks.has(done) || seconds + (performance.now() - begin) / 1000 >= (marks[0] ?? Infinity);
    },
  });
  await lastValueFrom(events);
  seconds += (performance.now() - begin) / 1000;
  while (marks.length > 0 && seconds >= marks[0]!) marks.shift();
  const start = performance.now();
  const metrics = await evaluate(network);
  accuracies = Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric.accuracy!]));
  say({
    step: done,
    seconds: Number(seconds.toFixed(1)),
    msPerStep: Number(((1000 * seconds) / done).toFixed(1)),
    accuracies,
    losses: last?.losses,
    evaluationSeconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    memoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
  });
}
network.dispose();
const low = Object.entries(accuracies).filter(([, accuracy]) => accuracy < Number(values.floor));
if (low.length > 0) {
  console.error(
    `Below the floor of ${values.floor}: ${low.map(([name, accuracy]) => `${name} ${accuracy}`).join(', ')}`,
  );
  process.exitCode = 1;
}
