import { type AnyNetwork, internals } from '../../network/index.ts';
import { checkSeed, RandomStream } from '../../random/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { activationsOf } from './activations.ts';
import { linearCka } from './cka.ts';
import { shuffled } from './shuffle.ts';

/** A trunk, as one task of a network goes through it. */
export interface TaskTrunk {
  readonly network: AnyNetwork;
  readonly task: string;
}

/** How alike two trunks are, by depth of the first and of the second: 0 are the stems' tokens. */
export interface TrunkSimilarity {
  /** `[depths of the first][depths of the second]`, linear CKA. */
  readonly similarity: readonly (readonly number[])[];
  /** The same with the examples of the second shuffled: what is seen where nothing is alike. */
  readonly control: readonly (readonly number[])[];
}

export interface CompareTrunksOptions {
  /** The raw inputs that both take. The more there are, the lower is the control. */
  readonly inputs: readonly unknown[];
  /** The seed by which the control shuffles. Default 0. */
  readonly seed?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

/**
 * Compares what two trunks make of the same examples, such as a task's trained alone and trained jointly, depth by depth (see `linearCka`).
 * @throws BanyanError as `Network.predict`; `argument` for fewer than two examples.
 */
export async function compareTrunks(
  first: TaskTrunk,
  second: TaskTrunk,
  { inputs, seed = 0, compile = 'auto' }: CompareTrunksOptions,
): Promise<TrunkSimilarity> {
  checkSeed('compareTrunks: seed', seed);
  const [ours, theirs] = [await activationsIn(first, inputs, compile), await activationsIn(second, inputs, compile)];
  const order = shuffled(Array.from(inputs.keys()), new RandomStream(seed, 'explain/compare-trunks'));
  return {
    similarity: ours.map((a) => theirs.map((b) => linearCka(a, b))),
    control: ours.map((a) =>
      theirs.map((b) =>
        linearCka(
          a,
          order.map((i) => b[i]!),
        ),
      ),
    ),
  };
}

/** As `activationsOf`, of a network that nobody changes meanwhile. */
export function activationsIn({ network, task }: TaskTrunk, inputs: readonly unknown[], compile: CompileMode) {
  const { body, lease } = internals(network);
  return lease.use(() => activationsOf(body, body.task(task), inputs, compile));
}
