import {
  type AnyNetwork,
  type BuiltTask,
  checkPart,
  fisherOf,
  heldOutBatches,
  internals,
  type NetworkBody,
  type Places,
} from '../network/index.ts';
import type { CompileMode } from '../runtime/index.ts';
import { type Place, precisionsOf } from './perturbation.ts';

const EXAMPLES = 256;
/** The perturbation looks at so many batches of these, half of them. */
const PERTURBED = 4;

/** Options of `columnSensitivity`. */
export interface SensitivityOptions {
  /**
   * How many labelled held-out examples are looked at, drawn from the whole of the validation split where a task has one, else of the
   * test split. Default 256.
   */
  readonly examples?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

/** How much a task's result depends on each block of its own column and of the earlier ones. */
export interface ColumnSensitivity {
  readonly task: string;
  /** The number of the task's column. */
  readonly column: number;
  /**
   * The average Fisher sensitivity by column, then by block: shares that sum to 1 over the columns, or all 0 where the result
   * depends on no column's block. A block that does not come into the result has 0.
   */
  readonly fisher: readonly (readonly number[])[];
  /** The average perturbation sensitivity, in the same form. */
  readonly perturbation: readonly (readonly number[])[];
}

/**
 * Measures what a task listens to: the sensitivity of its result to each block of each column up to its own, on held-out examples in
 * inference mode (Rusu et al. 2016, Progressive Neural Networks, section 4).
 *
 * Fisher: squared gradients of the log-probability of the label with respect to the activations, these in units of their
 * channel's standard deviation. The paper takes a feature's share among the columns and then the mean over the features,
 * which needs columns of equal width; here the features are summed first, and the shares are those of the sums. The paper
 * draws the label from the policy, here it is the example's own.
 *
 * Perturbation: the precision of the Gaussian noise at one block that takes the loss half of the way from where it is to
 * that of a network that knows nothing (the head's `initialLoss`; without one, or where the loss is above it, to twice the
 * loss), as a share of the columns' sum. The paper halves the score of a game.
 * @throws BanyanError `argument` for an unknown task or a number of examples that is none, `data` for a task without labelled held-out examples.
 */
export async function columnSensitivity(
  network: AnyNetwork,
  task: string | { readonly name: string },
  options: SensitivityOptions = {},
): Promise<ColumnSensitivity> {
  const { examples = EXAMPLES } = options;
  checkPart('columnSensitivity: examples', examples);
  const { body, lease } = internals(network);
  return lease.use(() => measure(body, body.task(typeof task === 'string' ? task : task.name), options));
}

async function measure(body: NetworkBody, task: BuiltTask, options: SensitivityOptions): Promise<ColumnSensitivity> {
  const { examples = EXAMPLES, compile = 'auto' } = options;
  const batches = await heldOutBatches(body, task, examples);
  const fishers = [...(await fisherOf(body, task, batches, BLOCKS, compile))];
  const places = fishers.map(([place, { deviations }]) => ({ ...placeOf(place), deviations }));
  const precisions = await precisionsOf({ body, task, batches: batches.slice(0, PERTURBED), places, compile });
  const { column } = task.input;
  const shares = (values: readonly number[]) =>
    sharesOf(places, values, column + 1, body.columns[column]!.plan.trunk.depth);
  const fisher = shares(fishers.map(([, { information }]) => information.reduce((a, b) => a + b, 0)));
  return { task: task.name, column, fisher, perturbation: shares(precisions) };
}

/** Visits what every block gives. */
const BLOCKS: Places = {
  name: 'blocks',
  tap: (visit) => ({ block: (column, block, tokens, call) => visit(`${column}/${block}`, tokens, call) }),
};

function placeOf(name: string): { column: number; block: number } {
  const [column, block] = name.split('/').map(Number);
  return { column: column!, block: block! };
}

/** Values of places as shares among the columns, for each block. */
function sharesOf(places: readonly Place[], values: readonly number[], columns: number, depth: number): number[][] {
  const shares = Array.from({ length: columns }, () => new Array<number>(depth).fill(0));
  for (let block = 0; block < depth; block++) {
    const inBlock = places
      .map((place, i) => ({ ...place, value: values[i]! }))
      .filter((place) => place.block === block);
    const sum = inBlock.reduce((total, { value }) => total + value, 0);
    if (sum > 0) for (const { column, value } of inBlock) shares[column]![block] = value / sum;
  }
  return shares;
}
