// node --conditions=source --import tsx test/long/weights.ts [--check FILE] [PATTERN]
//
// Digests of the weights that a fixed set of short trainings ends with, as JSON: each trunk, kind of sharing, optimiser and
// balancing method, a grown network, a game; compiled and step by step. Two revisions of the framework that print the same compute
// the same. Run both on one machine: another processor may round otherwise.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type AnyTask,
  adam,
  adamW,
  branching,
  type CompileMode,
  cgc,
  convTrunk,
  createNetwork,
  crossStitch,
  denseTrunk,
  dselectK,
  mmoe,
  mtan,
  type Network,
  ple,
  sgd,
  type TrainOptions,
  type Trunk,
  train,
  transformerTrunk,
} from 'banyan-ml';
import { methods } from 'banyan-ml/balance';
import { catching, notes, sentences, shapes } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';

interface Case {
  readonly trunk: Trunk;
  readonly tasks: readonly AnyTask[];
  readonly options?: Partial<TrainOptions>;
  /** Comes in a column of its own, and is trained as long. */
  readonly later?: AnyTask;
}

const transformer = transformerTrunk({ width: 16, depth: 2, heads: 2, dropout: 0.1 });
const small = denseTrunk({ width: 16, depth: 2 });
const joint: readonly AnyTask[] = [shapes, sentences];
const STEPS = 6;
const training = { steps: STEPS, batch: 8, seed: 3 } as const;

const cases: Record<string, Case> = {
  'trunk transformer': { trunk: transformer, tasks: [...joint, notes] },
  'trunk conv': { trunk: convTrunk({ width: 16, depth: 2 }), tasks: [...joint, notes] },
  'trunk dense': { trunk: small, tasks: [...joint, notes] },
  'optimizer adam': { trunk: small, tasks: joint, options: { optimizer: adam({ learningRate: 1e-3 }) } },
  'optimizer adamW': {
    trunk: small,
    tasks: joint,
    options: { optimizer: adamW({ learningRate: 1e-3, weightDecay: 0.05 }) },
  },
  'optimizer sgd': { trunk: small, tasks: joint, options: { optimizer: sgd({ learningRate: 0.05 }) } },
  'optimizer sgd with momentum': {
    trunk: small,
    tasks: joint,
    options: { optimizer: sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-4 }) },
  },
  accumulate: { trunk: transformer, tasks: joint, options: { accumulate: 2 } },
  'no clipping': { trunk: transformer, tasks: joint, options: { clip: Number.POSITIVE_INFINITY } },
  'watched gradients': { trunk: transformer, tasks: joint, options: { compareGradientsEvery: 2 } },
  'grown network': { trunk: transformer, tasks: [shapes, notes], later: sentences },
  'grown network, conv': { trunk: convTrunk({ width: 16, depth: 2 }), tasks: [shapes], later: notes },
  catch: { trunk: small, tasks: [catching, shapes] },
};
const sharings: Record<string, (trunk: Trunk) => Trunk> = {
  'cross-stitch': crossStitch,
  mmoe: (trunk) => mmoe(trunk),
  cgc: (trunk) => cgc(trunk),
  ple: (trunk) => ple(trunk),
  mtan,
  'dselect-k': (trunk) => dselectK(trunk),
  branching: (trunk) => branching(trunk),
};
for (const [name, share] of Object.entries(sharings))
  cases[`sharing ${name}`] = { trunk: share(transformer), tasks: joint };
for (const { name } of methods())
  cases[`balance ${name}`] = { trunk: small, tasks: [...joint, notes], options: { balance: name } };

/** Of all numbers of the network as they are stored; names and places may change. */
async function digestOf(network: Network, folder: string): Promise<string> {
  const place = join(folder, 'network');
  await network.save(place);
  const file = readFileSync(join(place, 'weights.safetensors'));
  const header = Number(file.readBigUInt64LE(0));
  const tensors = Object.entries(
    JSON.parse(file.subarray(8, 8 + header).toString()) as Record<string, { data_offsets: [number, number] }>,
  ).filter(([name]) => name !== '__metadata__');
  const digests = tensors.map(
    ([
      ,
      {
        data_offsets: [begin, end],
      },
    ]) =>
      createHash('sha256')
        .update(file.subarray(8 + header + begin, 8 + header + end))
        .digest('hex'),
  );
  return createHash('sha256').update(digests.sort().join()).digest('hex').slice(0, 16);
}

async function weightsOf({ trunk, tasks, options, later }: Case, compile: CompileMode): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-weights-'));
  const network: Network = await createNetwork({ trunk, tasks, seed: 7 });
  try {
    await lastValueFrom(train(network, { ...training, ...options, compile }));
    if (later !== undefined) {
      await network.addColumn({ tasks: [later] });
      await lastValueFrom(train(network, { ...training, ...options, compile }));
    }
    return await digestOf(network, folder);
  } finally {
    network.dispose();
    rmSync(folder, { recursive: true });
  }
}

const { values, positionals } = parseArgs({ options: { check: { type: 'string' } }, allowPositionals: true });
const found: Record<string, string> = {};
for (const [name, each] of Object.entries(cases))
  for (const mode of ['eager', 'graph'] as const) {
    const title = `${name}, ${mode}`;
    if (!title.includes(positionals[0] ?? '')) continue;
    found[title] = await weightsOf(each, mode).catch((error: Error) => `error: ${error.message}`);
    console.error(`${title}: ${found[title]}`);
  }
console.log(JSON.stringify(found, undefined, 2));
if (values.check !== undefined) {
  const wanted = JSON.parse(readFileSync(values.check, 'utf8')) as Record<string, string>;
  const other = Object.keys(found).filter((title) => found[title] !== wanted[title]);
  console.error(other.length === 0 ? 'All as before.' : `${other.length} differ: ${other.join('; ')}`);
  if (other.length > 0) process.exitCode = 1;
}
