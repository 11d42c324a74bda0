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
  startRuntime,
  type TrainingEvent,
  train,
  transformerTrunk,
  warmupCosine,
} from 'banyan-ml';
import { clothing, intents, spokenDigits } from 'banyan-ml/tasks';
import { concatMap, from, lastValueFrom } from 'rxjs';

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

// Training runs on its own clock: evaluation here, like the reading of the data before, is not counted.
const clock = { begin: 0, evaluating: 0 };
let accuracies: Record<string, number> = {};
async function mark(event: TrainingEvent): Promise<void> {
  if (event.kind === 'start') clock.begin = performance.now();
  if (event.kind !== 'step') return;
  const seconds = (performance.now() - clock.begin - clock.evaluating) / 1000;
  let due = event.step === steps || stepMarks.has(event.step);
  while (marks.length > 0 && seconds >= marks[0]!) {
    marks.shift();
    due = true;
  }
  if (!due) return;
  const start = performance.now();
  // The loop waits for a turn of the event loop between steps, and evaluation takes none: the weights stay as they are.
  const metrics = await evaluate(network);
  clock.evaluating += performance.now() - start;
  accuracies = Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric.accuracy!]));
  say({
    step: event.step,
    seconds: Number(seconds.toFixed(1)),
    msPerStep: Number(((1000 * seconds) / event.step).toFixed(1)),
    accuracies,
    losses: event.losses,
    evaluationSeconds: Number(((performance.now() - start) / 1000).toFixed(1)),
    memoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
  });
}

await lastValueFrom(
  train(network, {
    steps,
    batch,
    seed,
    optimizer: adamW({ learningRate: 2e-3, weightDecay: 0.05 }),
    schedule: warmupCosine({ warmup: Math.min(100, steps) }),
    clip: 1,
  }).pipe(concatMap((event) => from(mark(event)))),
);
network.dispose();
const low = Object.entries(accuracies).filter(([, accuracy]) => accuracy < Number(values.floor));
if (low.length > 0) {
  console.error(
    `Below the floor of ${values.floor}: ${low.map(([name, accuracy]) => `${name} ${accuracy}`).join(', ')}`,
  );
  process.exitCode = 1;
}
