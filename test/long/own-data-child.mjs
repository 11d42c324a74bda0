// node test/long/own-data-child.mjs FOLDER
// Trains two tasks on the rows of FOLDER/large.csv by the built package, once at a stretch and once interrupted and resumed; prints the weights'
// digests and the memory. JavaScript: what runs TypeScript takes some 90 MB.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNetwork, denseTrunk, resume, startRuntime, train } from 'banyan-ml';
import { dataSet, dataTasks } from 'banyan-ml/fields';
import { lastValueFrom, takeWhile } from 'rxjs';

const [folder] = process.argv.slice(2);
const file = join(folder, 'large.csv');
const STEPS = 200;
const peak = () => process.resourceUsage().maxRSS / 1000;

// Before there is anything else in memory: to load TensorFlow takes some 300 MB for a moment.
await startRuntime();
// The index alone lies there: TensorFlow is where it always is.
process.env.BANYAN_CACHE = join(folder, 'cache');
const looked = performance.now();
const data = dataSet({ file });
const { area, long } = await dataTasks(data, {
  area: { inputs: { note: { kind: 'text', length: 16 }, long: 'category' }, target: 'area' },
  long: { inputs: { area: 'number', street: 'text' }, target: { column: 'long', kind: 'class' } },
});
const seconds = (performance.now() - looked) / 1000;
const learned = peak();
delete process.env.BANYAN_CACHE;

const network = () => createNetwork({ trunk: denseTrunk({ width: 16, depth: 1 }), tasks: [area, long], seed: 1 });
const optionsFor = (name) => ({
  steps: STEPS,
  batch: 64,
  seed: 1,
  checkpoint: { folder: join(folder, name), every: STEPS / 2 },
});
/** Saves a trained network, and gives the digest of its weights. */
async function digestOf(trained, name) {
  const saved = join(folder, `${name}-network`);
  await trained.save(saved);
  trained.dispose();
  const weights = readdirSync(saved).filter((file) => file.endsWith('.safetensors'));
  const hash = createHash('sha256');
  for (const file of weights) hash.update(readFileSync(join(saved, file)));
  return hash.digest('hex');
}

const whole = await network();
await lastValueFrom(train(whole, optionsFor('whole')));
const expected = await digestOf(whole, 'whole');

const interrupted = await network();
const some = train(interrupted, optionsFor('parts')).pipe(
  takeWhile((event) => !(event.kind === 'step' && event.step === STEPS / 2 + 10)),
);
await lastValueFrom(some);
await interrupted.idle();
interrupted.dispose();
const again = await network();
await lastValueFrom(resume(again, join(folder, 'parts'), optionsFor('parts')));
const resumed = await digestOf(again, 'parts');

console.log(JSON.stringify({ rows: data.counts, expected, resumed, seconds, learned, peak: peak() }));
process.exit(0);
