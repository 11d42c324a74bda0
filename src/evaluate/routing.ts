import type * as tf from '@tensorflow/tfjs';
import {
  type AnyNetwork,
  assembleInputs,
  type BuiltTask,
  checkPart,
  collateTargets,
  internals,
  isWriting,
  measuringContext,
  type NetworkBody,
  openSource,
  partOf,
  passOf,
  pickTarget,
  placesIn,
  readExamples,
} from '../network/index.ts';
import { isDecoder } from '../scope.ts';

const EXAMPLES = 32;
/** Fills the target of a head that writes. */
const PADDING = 0;

/** Options of `routing`. */
export interface RoutingOptions {
  /** The names of the tasks to look at. Default: all. */
  readonly tasks?: readonly string[];
  /** At most so many held-out examples of each task are looked at, drawn from the whole split, the same each time. Default 32. */
  readonly examples?: number;
}

/** Where the tokens of tasks go in a block that sends each of them to some of its parts, such as a mixture of experts. */
export interface Routing {
  /** The block's name: `column-0/block-2`, or `column-0/decoder/block-2` for one that writes. */
  readonly block: string;
  /** By task: the share of its tokens that each part gets. A token that goes to k of them counts for a k-th at each, so they sum to 1. */
  readonly shares: Readonly<Record<string, readonly number[]>>;
}

/**
 * Measures which tasks use which parts of blocks that send tokens to some of their parts (`call.routes`; of the layers here `mixtureOfExperts`):
 * the question of "One Model To Learn Them All" (Kaiser et al. 2017) whether different tasks use different experts. It looks at held-out
 * examples (of the validation split, where there is none of the test split), and, in blocks that write, at the symbols of their labels, each after
 * the right ones before it. Padding counts nowhere. The blocks come in the order of the network; a task that goes through none is in none, and so
 * is one without held-out examples, or that is played in lock-step. While the network is trained, it waits for the moment between two updates, and
 * changes nothing.
 * @throws BanyanError `argument` for an unknown task, and for a number of examples that is none.
 */
export async function routing(network: AnyNetwork, options: RoutingOptions = {}): Promise<readonly Routing[]> {
  const { body, lease } = internals(network);
  return lease.betweenUpdates(() => routeTasks(body, options));
}

/** Does what `routing` does, at once: for a caller that has waited for the moment between two updates. */
export async function routeTasks(body: NetworkBody, options: RoutingOptions): Promise<readonly Routing[]> {
  const { examples = EXAMPLES } = options;
  checkPart('routing: examples', examples);
  const names = options.tasks ?? body.boundTasks.map(({ name }) => name);
  const blocks = new Map<string, Record<string, readonly number[]>>();
  for (const task of names.map((name) => body.task(name))) {
    // One example says whether there is anything to look at.
    const [first] = await sharesOf(body, task, 1);
    if (first === undefined) continue;
    for (const [block, shares] of await sharesOf(body, task, examples)) {
      blocks.set(block, { ...blocks.get(block), [task.name]: shares });
    }
  }
  return [...blocks].map(([block, shares]) => ({ block, shares }));
}

/** By block: the share of a task's tokens that each part gets. */
async function sharesOf(
  body: NetworkBody,
  task: BuiltTask,
  examples: number,
): Promise<readonly (readonly [string, readonly number[]])[]> {
  const { name, definition, label, input } = task;
  const { source } = definition;
  await openSource(name, source);
  const split = source.counts.validation > 0 ? 'validation' : 'test';
  const count = Math.min(source.counts[split], examples);
  if (!(count > 0 && Number.isFinite(count)) || source.lockStep === true) return [];
  const place = partOf(source, split, count);
  const indices = Array.from({ length: count }, (_, i) => place(i));
  const read = await readExamples(name, source, split, indices, measuringContext(body));
  const placeOf = placesIn(split, indices);
  const raw = read.map((example) => example.input);
  const targets = read.map(({ target }, i) => pickTarget(definition, target, placeOf(i)));
  const { target } = collateTargets(name, label, targets, placeOf);
  const visits = await body.compute(
    {
      kind: 'evaluate',
      key: ['routing', name],
      inputs: [...assembleInputs(name, input, raw, placeOf), target],
      trace: (tensors) => visitsIn(body, task, tensors.slice(0, -1), tensors.at(-1)!),
    },
    // It is seldom looked at, and batches are of many lengths: a graph of each would cost more than it saves.
    'eager',
  );
  return Object.entries(visits).flatMap(([block, { values }]) => {
    const counts = Array.from(values, Number);
    const sum = counts.reduce((a, b) => a + b, 0);
    return sum === 0 ? [] : [[block, counts.map((visits) => visits / sum)] as const];
  });
}

/** By block: how many tokens of a batch go to each part, `[parts]`. */
function visitsIn(
  body: NetworkBody,
  task: BuiltTask,
  inputs: readonly tf.Tensor[],
  target: tf.Tensor,
): Record<string, tf.Tensor> {
  const found: Record<string, tf.Tensor> = {};
  const encoded = body.encode(passOf(task), inputs, false, {
    routes: (block, visits) => {
      // After the end of what is written stands padding, which a decoder computes as well.
      const counted = isDecoder(block) ? visits.mul(target.notEqual(PADDING).cast('float32').expandDims(2)) : visits;
      const sums = counted.sum([0, 1]); // [parts]
      found[nameOf(found, block)] = sums;
    },
  });
  if (isWriting(task)) body.output(task, encoded, target);
  return found;
}

/** A block may have several layers with parts. */
function nameOf(found: Readonly<Record<string, unknown>>, block: string): string {
  const others = Object.keys(found).filter((name) => name === block || name.startsWith(`${block} `)).length;
  return others === 0 ? block : `${block} (${others + 1})`;
}
