import { holm } from '../../analysis/index.ts';
import { check, count } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { type AnyNetwork, type BuiltTask, internals, type NetworkBody } from '../../network/index.ts';
import { checkSeed, RandomStream } from '../../random/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { openSubject } from '../subject/open.ts';
import { activationsOf } from '../trunk/activations.ts';
import { shuffled } from '../trunk/shuffle.ts';

/** What a concept does to an outcome in one block. */
export interface ConceptInfluence {
  readonly concept: string;
  readonly outcome: string;
  /** After so many blocks; 1 is the first one. */
  readonly depth: number;
  /** The share of the inputs whose outcome grows in the concept's direction. */
  readonly score: number;
  /** How much the outcome grows by it, to the first order and in the mean over the inputs. */
  readonly effect: number;
  /** 95 in 100 directions of shuffled examples have an effect of at most this size. */
  readonly control: number;
  /**
   * The share of these directions with an effect of at least that size, the concept's among them; corrected for the number of all concepts,
   * outcomes and blocks that are looked at (Holm).
   */
  readonly pValue: number;
}

export interface ConceptOptions {
  readonly task: string;
  /** Raw inputs in which each concept is, by its name. */
  readonly concepts: Readonly<Record<string, readonly unknown[]>>;
  /** Raw inputs without any of them. */
  readonly others: readonly unknown[];
  /** Raw inputs whose outcomes are looked at. */
  readonly inputs: readonly unknown[];
  /** As for `attribute`. Default: all that the head names, such as each class; of a head that names none what it says of each input. */
  readonly outcomes?: readonly (number | string)[];
  /** So many random directions are looked at. Default 999, or as many as it takes for a p-value that is still small when it is corrected. */
  readonly runs?: number;
  /** The seed by which examples are shuffled. Default 0. */
  readonly seed?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

/** Of fewer examples few orders differ. */
const LEAST = 4;
const COMMON = 0.95;
const RUNS = 999;
/** Where all runs are below the concept, its corrected p-value is one part of so many. */
const SMALL = 40;

/**
 * Says, block by block, whether concepts that examples show move outcomes (TCAV: Kim et al. 2018, sections 3.2 to 3.4): the score is the
 * share of the inputs whose outcome grows in the concept's direction. What differs: the direction leads from the mean of the activations without the
 * concept to the mean with it (Pahde et al. 2022, "pattern-based" vectors), over the channels and the same at every position, since examples
 * vary in length; and as outcomes of two classes move along one line, so that any direction has a score near 0 or 1, what is tested is
 * the effect, the step along the direction times the gradient, against directions of the same examples in a random order (a permutation test).
 * @throws BanyanError as `attribute`; `argument` for fewer than four examples with a concept or without any, and for no concepts or inputs.
 */
export async function conceptInfluence(
  network: AnyNetwork,
  options: ConceptOptions,
): Promise<readonly ConceptInfluence[]> {
  const { concepts, others, inputs, seed = 0, compile = 'auto' } = options;
  const named = Object.entries(concepts);
  check('conceptInfluence', { 'number of concepts': named.length, 'number of inputs': inputs.length }, count);
  if (options.runs !== undefined) check('conceptInfluence', { runs: options.runs }, count);
  checkSeed('conceptInfluence: seed', seed);
  for (const [name, { length }] of [...named, ['without', others] as const]) assertEnough(name, length);
  const { body, lease } = internals(network);
  return lease.use(async () => {
    const task = body.task(options.task);
    const slopes = await slopesOf(body, task, inputs, outcomesOf(task, options), compile);
    const tests = named.length * slopes.length * slopes[0]!.blocks.length;
    const runs = options.runs ?? Math.max(RUNS, SMALL * tests);
    const without = await activationsOf(body, task, others, compile);
    const influences: ConceptInfluence[] = [];
    for (const [concept, examples] of named) {
      const within = await activationsOf(body, task, examples, compile);
      for (const block of slopes[0]!.blocks.keys()) {
        const rows = [...within[block + 1]!, ...without[block + 1]!];
        const random = new RandomStream(seed, `explain/concept/${concept}/${block}`);
        influences.push(...testBlock(rows, examples.length, block, slopes, runs, random, concept));
      }
    }
    const corrected = holm(influences.map(({ pValue }) => pValue));
    return influences.map((influence, i) => ({ ...influence, pValue: corrected[i]! }));
  });
}

function assertEnough(name: string, number: number): void {
  if (number >= LEAST) return;
  throw new BanyanError(
    'argument',
    `conceptInfluence: expected at least ${LEAST} examples with each concept and as many without, received ${number} of "${name}". Give more.`,
  );
}

const outcomesOf = (task: BuiltTask, { outcomes }: ConceptOptions): readonly (number | string | undefined)[] => {
  const names = task.head.outcomes?.names ?? [];
  return outcomes ?? (names.length > 0 ? names : [undefined]);
};

/** How an outcome depends on what the blocks give. */
interface OutcomeSlopes {
  readonly name: string;
  /** By block and input: the gradient of the outcome, summed over the positions. */
  readonly blocks: readonly (readonly Float64Array[])[];
}

async function slopesOf(
  body: NetworkBody,
  task: BuiltTask,
  inputs: readonly unknown[],
  wanted: readonly (number | string | undefined)[],
  compile: CompileMode,
): Promise<readonly OutcomeSlopes[]> {
  const found = wanted.map((outcome) => ({
    name: String(outcome ?? 'what is predicted'),
    blocks: [] as Float64Array[][],
  }));
  for (const [i, raw] of inputs.entries()) {
    for (const [o, outcome] of wanted.entries()) {
      const { outcome: chosen, probe } = await openSubject(body, task, raw, { outcome, compile, place: `input ${i}` });
      if (typeof outcome === 'number') found[o]!.name = chosen.name;
      for (const [block, { tokens, gradient }] of (await probe.blocks()).entries()) {
        const sums = new Float64Array(tokens.shape[1]!);
        for (const [at, slope] of gradient.entries()) sums[at % sums.length]! += slope;
        found[o]!.blocks[block] ??= [];
        found[o]!.blocks[block]!.push(sums);
      }
    }
  }
  return found;
}

/** Tests one block: the first `count` rows have the concept. */
function testBlock(
  rows: readonly Float32Array[],
  count: number,
  block: number,
  slopes: readonly OutcomeSlopes[],
  runs: number,
  random: RandomStream,
  concept: string,
): readonly ConceptInfluence[] {
  const own = direction(rows, count);
  const gradients = slopes.map(({ blocks }) => blocks[block]!);
  // The effect is linear in the gradient.
  const means = gradients.map(meanOf);
  const sizes = means.map(() => new Float64Array(runs));
  for (let run = 0; run < runs; run++) {
    const drawn = direction(shuffled(rows, random), count);
    for (const [o, mean] of means.entries()) sizes[o]![run] = Math.abs(dot(mean, drawn));
  }
  return slopes.map(({ name }, o) => {
    const effect = dot(means[o]!, own);
    const asLarge = sizes[o]!.filter((size) => size >= Math.abs(effect)).length;
    return {
      concept,
      outcome: name,
      depth: block + 1,
      score: gradients[o]!.filter((gradient) => dot(gradient, own) > 0).length / gradients[o]!.length,
      effect,
      control: sizes[o]!.sort()[Math.ceil(COMMON * runs) - 1]!,
      pValue: (1 + asLarge) / (1 + runs),
    };
  });
}

/** From the mean of the other rows to the mean of the first `count`. */
function direction(rows: readonly Float32Array[], count: number): Float64Array {
  const difference = new Float64Array(rows[0]!.length);
  for (const [i, row] of rows.entries()) {
    const share = i < count ? 1 / count : -1 / (rows.length - count);
    for (let channel = 0; channel < row.length; channel++) difference[channel]! += share * row[channel]!;
  }
  return difference;
}

function meanOf(rows: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(rows[0]!.length);
  for (const row of rows) for (const [channel, value] of row.entries()) mean[channel]! += value / rows.length;
  return mean;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
