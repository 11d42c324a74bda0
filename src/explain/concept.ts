import { holm } from '../analysis/index.ts';
import { check, count } from '../check.ts';
import { BanyanError } from '../error.ts';
import { type AnyNetwork, type BuiltTask, internals, type NetworkBody } from '../network/index.ts';
import { checkSeed, RandomStream } from '../random/index.ts';
import type { CompileMode } from '../runtime/index.ts';
import { openSubject } from './subject/open.ts';
import { activationsOf } from './trunk/activations.ts';
import { shuffled } from './trunk/shuffle.ts';

/** What a concept does to an outcome in one block. */
export interface ConceptInfluence {
  /** After so many blocks; 1 is the first one. */
  readonly depth: number;
  /** The share of the inputs whose outcome grows in the concept's direction. */
  readonly score: number;
  /** How much the outcome grows by it, to the first order and in the mean over the inputs. */
  readonly effect: number;
  /** 95 in 100 directions of shuffled examples have an effect of at most this size. */
  readonly control: number;
  /** The share of these directions with an effect of at least that size, the concept's among them; corrected for the number of blocks (Holm). */
  readonly pValue: number;
}

export interface ConceptOptions {
  readonly task: string;
  /** Raw inputs in which the concept is. */
  readonly concept: readonly unknown[];
  /** Raw inputs without it. */
  readonly others: readonly unknown[];
  /** Raw inputs whose outcome is looked at. */
  readonly inputs: readonly unknown[];
  /** As for `attribute`. */
  readonly outcome: number | string;
  /** So many random directions are looked at. Default 999. */
  readonly runs?: number;
  /** The seed by which examples are shuffled. Default 0. */
  readonly seed?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

/** Of fewer examples few orders differ. */
const LEAST = 4;
const COMMON = 0.95;

/**
 * Says, block by block, whether a concept that examples show moves an outcome (TCAV: Kim et al. 2018, sections 3.2 to 3.4): the score is the
 * share of the inputs whose outcome grows in the concept's direction. What differs: the direction leads from the mean of the activations without the
 * concept to the mean with it (Pahde et al. 2022, "pattern-based" vectors), over the channels and the same at every position, since examples
 * vary in length; and as outcomes of two classes move along one line, so that any direction has a score near 0 or 1, what is tested is
 * the effect, the step along the direction times the gradient, against directions of the same examples in a random order (a permutation test).
 * @throws BanyanError as `attribute`; `argument` for fewer than four examples with or without the concept, and for no inputs.
 */
export async function conceptInfluence(
  network: AnyNetwork,
  options: ConceptOptions,
): Promise<readonly ConceptInfluence[]> {
  const { concept, others, inputs, runs = 999, seed = 0, compile = 'auto' } = options;
  check('conceptInfluence', { runs, 'number of inputs': inputs.length }, count);
  checkSeed('conceptInfluence: seed', seed);
  if (concept.length < LEAST || others.length < LEAST) {
    throw new BanyanError(
      'argument',
      `conceptInfluence: expected at least ${LEAST} examples with the concept and as many without it, received ${concept.length} and ${others.length}. Give more.`,
    );
  }
  const { body, lease } = internals(network);
  return lease.use(async () => {
    const task = body.task(options.task);
    const activations = await activationsOf(body, task, [...concept, ...others], compile);
    const slopes = await slopesOf(body, task, options, compile);
    const influences = slopes.map((gradients, block) => {
      const random = new RandomStream(seed, `explain/concept/${block}`);
      const rows = activations[block + 1]!;
      const own = direction(rows, concept.length);
      const effect = effectOf(own, gradients);
      const sizes = Array.from({ length: runs }, () =>
        Math.abs(effectOf(direction(shuffled(rows, random), concept.length), gradients)),
      ).sort((a, b) => a - b);
      const asLarge = sizes.filter((size) => size >= Math.abs(effect)).length;
      return {
        depth: block + 1,
        score: gradients.filter((gradient) => dot(gradient, own) > 0).length / gradients.length,
        effect,
        control: sizes[Math.ceil(COMMON * runs) - 1]!,
        pValue: (1 + asLarge) / (1 + runs),
      };
    });
    const corrected = holm(influences.map(({ pValue }) => pValue));
    return influences.map((influence, i) => ({ ...influence, pValue: corrected[i]! }));
  });
}

/** By block and input: the gradient of the outcome, summed over the positions. */
async function slopesOf(
  body: NetworkBody,
  task: BuiltTask,
  { inputs, outcome }: ConceptOptions,
  compile: CompileMode,
): Promise<readonly (readonly Float64Array[])[]> {
  const slopes: Float64Array[][] = [];
  for (const [i, raw] of inputs.entries()) {
    const { probe } = await openSubject(body, task, raw, { outcome, compile, place: `input ${i}` });
    for (const [block, { tokens, gradient }] of (await probe.blocks()).entries()) {
      const sums = new Float64Array(tokens.shape[1]!);
      for (const [at, slope] of gradient.entries()) sums[at % sums.length]! += slope;
      slopes[block] ??= [];
      slopes[block]!.push(sums);
    }
  }
  return slopes;
}

/** From the mean of the other rows to the mean of the first `count`. */
function direction(rows: readonly Float32Array[], count: number): Float64Array {
  const difference = new Float64Array(rows[0]!.length);
  for (const [i, row] of rows.entries()) {
    const share = i < count ? 1 / count : -1 / (rows.length - count);
    for (const [channel, value] of row.entries()) difference[channel]! += share * value;
  }
  return difference;
}

/** The step times each gradient, in the mean. */
const effectOf = (step: Float64Array, gradients: readonly Float64Array[]): number =>
  gradients.reduce((sum, gradient) => sum + dot(gradient, step) / gradients.length, 0);

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
