// Makes a static page of a network that sees, plays, listens and reads:
//   npm start                                                                       trains one: runs/challenge/network
//   node --conditions=source --import tsx examples/browser/make.ts runs/challenge/network --out site
//   npx vite preview --outDir site                                                  shows it
//
// The folder needs nothing but a server of files. With --generated the network is a new one, of generated data: to look at the page alone.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type AnyTask, createNetwork, Network, transformerTrunk } from 'banyan-ml';
import { NO_NETWORK } from 'banyan-ml/data';
import { exportNetwork } from 'banyan-ml/export';
import { clothing, instruments, intents, notes, sentences, shapes, spaceInvaders } from 'banyan-ml/tasks';
import { build } from 'vite';

/** So many held-out examples of each sense lie beside the page. */
const EXAMPLES = 8;

const here = fileURLToPath(new URL('.', import.meta.url));

/** Which task is for which sense. */
export type Senses = Readonly<Record<'picture' | 'game' | 'sound' | 'sentence', AnyTask>>;

/** Those of the challenge. */
export const REAL: Senses = { picture: clothing, game: spaceInvaders, sound: instruments, sentence: intents };
/** The same on generated data. */
export const GENERATED: Senses = { picture: shapes, game: spaceInvaders, sound: notes, sentence: sentences };

/** What `banyan-export.json` has, as far as the page needs it. */
interface Manifest {
  readonly functions: readonly unknown[];
  readonly tasks: readonly (Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly inputs: { readonly input: { readonly sampleRate?: number } };
    readonly examples: readonly { readonly raw: unknown }[];
  })[];
}

/** A typed array in that file. */
interface Compact {
  readonly dtype: 'float32' | 'uint8';
  readonly base64: string;
}

export interface PageOptions {
  readonly senses: Senses;
  /** The folder to make. */
  readonly out: string;
  /** See `exportNetwork`; weights are stored in 8 bits. */
  readonly mayLose?: number;
}

/** Exports the network, and puts the page around it into a folder that is not there yet. */
export async function makePage(
  network: Network<never> | Network,
  { senses, out, mayLose }: PageOptions,
): Promise<void> {
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length > 0)
    throw new Error(`${out} has files in it, expected an empty folder, or none. Choose another.`);
  await build({
    root: join(here, 'page'),
    configFile: false,
    logLevel: 'error',
    base: './',
    // What the game needs of the framework, and nothing else.
    resolve: { alias: { 'banyan-ml/plugin': resolve(here, '../../src/random/stream.ts') } },
    build: { outDir: resolve(out), target: 'es2022', modulePreload: false, assetsInlineLimit: 0 },
  });
  const temporary = await mkdtemp(join(resolve(out), 'export-'));
  const exported = join(temporary, 'network');
  const shown = [senses.picture, senses.sound, senses.sentence];
  const examples = Object.fromEntries(
    await Promise.all(shown.map(async (task) => [task.name, await heldOut(task)] as const)),
  );
  await exportNetwork(network, {
    format: 'tfjs',
    quantise: 'int8',
    withPrepare: true,
    examples,
    out: exported,
    ...(mayLose === undefined ? {} : { mayLose }),
  });
  const manifest: Manifest = JSON.parse(await readFile(join(exported, 'banyan-export.json'), 'utf8'));
  const task = (sense: keyof Senses) => manifest.tasks.find(({ name }) => name === senses[sense].name)!;

  const { inputs, examples: heard } = task('sound');
  const sounds = heard.map((_, i) => `sounds/${i + 1}.wav`);
  await mkdir(join(out, 'sounds'));
  for (const [i, { raw }] of heard.entries())
    await writeFile(join(out, sounds[i]!), waveOf(numbersOf(raw as Compact), inputs.input.sampleRate!));
  const site = {
    tasks: Object.fromEntries(Object.entries(senses).map(([sense, { name }]) => [sense, name])),
    // The examples are most of it, and the page shows its own.
    manifest: {
      functions: manifest.functions,
      tasks: manifest.tasks.map(({ prepared: _, ...rest }) => ({ ...rest, examples: [] })),
    },
    examples: {
      pictures: task('picture').examples.map(({ raw }) => greyOf(raw as Compact)),
      sounds,
      sentences: task('sentence').examples.map(({ raw }) => raw),
    },
  };
  await writeFile(join(out, 'site.json'), JSON.stringify(site));
  await rename(exported, join(out, 'model'));
  await rm(temporary, { recursive: true });
}

/** Raw examples that nobody has trained on, from all over the split. */
async function heldOut({ name, source }: AnyTask): Promise<readonly unknown[]> {
  await source.open?.();
  const split = source.counts.test > 0 ? 'test' : 'validation';
  const count = source.counts[split];
  if (!(count >= EXAMPLES))
    throw new Error(`${name} has ${count} held-out examples, expected at least ${EXAMPLES} to show.`);
  const stride = Number.isFinite(count) ? Math.floor(count / EXAMPLES) : 1;
  const indices = Array.from({ length: EXAMPLES }, (_, i) => Math.floor((i + 0.5) * stride));
  return (await source.read(split, indices, NO_NETWORK)).map(({ input }) => input);
}

function numbersOf({ dtype, base64 }: Compact): Float32Array | Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return dtype === 'uint8' ? bytes : new Float32Array(bytes.buffer);
}

/** A grey picture as bytes, in base64. */
function greyOf(raw: Compact): string {
  const numbers = numbersOf(raw);
  const bytes =
    numbers instanceof Uint8Array ? numbers : Uint8Array.from(numbers, (x) => 255 * Math.min(1, Math.max(0, x)));
  return Buffer.from(bytes).toString('base64');
}

/** A WAV of 16 bits and one channel (RIFF, "Multimedia Programming Interface and Data Specifications 1.0"). */
function waveOf(samples: ArrayLike<number>, sampleRate: number): Buffer {
  const data = Int16Array.from(samples, (sample) => Math.round(32767 * Math.min(1, Math.max(-1, sample))));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(2 * sampleRate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.byteLength, 40);
  return Buffer.concat([header, Buffer.from(data.buffer)]);
}

const USAGE = 'Usage: make.ts NETWORK --out FOLDER, or make.ts --generated --out FOLDER';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string' }, generated: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  if (values.out === undefined || (folder === undefined) !== values.generated) throw new Error(USAGE);
  const senses = values.generated ? GENERATED : REAL;
  const tasks = Object.values(senses);
  const network = values.generated
    ? await createNetwork({ trunk: transformerTrunk({ width: 64, depth: 2, heads: 4 }), tasks, seed: 1 })
    : await Network.load(folder!, { tasks });
  // What a network that has learned nothing gets right is chance, and so is what it loses.
  await makePage(network, { senses, out: values.out, ...(values.generated ? { mayLose: 1 } : {}) });
  network.dispose();
  process.stdout.write(`${values.out}: a page of files alone. \`npx vite preview --outDir ${values.out}\` shows it.\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error: Error) => {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
  });
}
