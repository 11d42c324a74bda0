import type * as tf from '@tensorflow/tfjs';
import type { Container } from 'inversify';
import { BanyanError } from '../../error.ts';
import { timesAsked } from '../../loss/known-numbers.ts';
import { didYouMean } from '../../nearest.ts';
import { RandomRoot } from '../../random/index.ts';
import {
  type CompileMode,
  type Computation,
  createRunner,
  labelled,
  type Results,
  type Runner,
} from '../../runtime/index.ts';
import { columnScope, isBelow } from '../../scope.ts';
import { blaming } from '../../task/blame.ts';
import type { Call, Json, Output } from '../../task/contract.ts';
import type { AnyTask } from '../../task/task.ts';
import type { ColumnPlan } from '../../trunk/index.ts';
import { Lease } from '../lease.ts';
import { boundTasks } from './bind-tasks.ts';
import { type BuiltColumn, type BuiltTask, isWriting, type Pass } from './built.ts';
import { checkLosses, featuresFor } from './checks.ts';
import { buildBody, columnScopes, growColumn, withWriting } from './column.ts';
import { type ColumnOutput, encode, type InputTap } from './encode.ts';
import { mixedLabels, type WeighedLabels } from './mixing.ts';
import type { BuildScope } from './resolve.ts';
import { type NetworkVariable, VariableStore } from './variables.ts';
import { forcedOutput } from './writing.ts';

/** How a head is called: with the stem's features that it reads. */
function headCall(task: BuiltTask, { callOf, features }: ColumnOutput): Call {
  const call = callOf(task);
  return task.head.reads === undefined ? call : { ...call, features: featuresFor(task, features) };
}

/** A computation without the variables that it may read or assign. */
export type ComputationOf = Omit<Computation, 'variables'>;

/** Stems, columns and heads put together: the graph side of a network. */
export class NetworkBody {
  readonly store: VariableStore;
  /** Runs what is computed over the weights. */
  readonly runner: Runner = createRunner();
  readonly randomness = new RandomRoot();
  /** Says who works with the weights, and when they are freed. */
  readonly lease = new Lease({ assertThere: () => this.store.assertThere(), free: () => this.#free() });
  readonly #scope: BuildScope;
  #columns: readonly BuiltColumn[] = [];
  /** The scopes of the last column that `freeze` was called for. */
  readonly #frozen = new Set<string>();
  /** By task: whether its loss left out what was missing when it was called last. */
  readonly #leavesOut = new Map<string, boolean>();
  readonly #atDisposal: (() => void)[] = [];
  readonly #atRemoval: ((names: readonly string[]) => void)[] = [];

  constructor(container: Container, seed: number, assets?: Readonly<Record<string, Json>>) {
    this.store = new VariableStore(seed, assets);
    this.#scope = { container, store: this.store, randomness: this.randomness };
  }

  get columns(): readonly BuiltColumn[] {
    return this.#columns;
  }

  /** The tasks of all columns, in the order in which they came. */
  get tasks(): readonly BuiltTask[] {
    return this.#columns.flatMap(({ tasks }) => tasks);
  }

  /** Those tasks whose plugin is still loaded in the container. */
  get boundTasks(): readonly BuiltTask[] {
    // By name: a module may bind a task so that each resolution makes a new object.
    const names = new Set(boundTasks(this.#scope.container).map(({ name }) => name));
    return this.tasks.filter(({ name }) => names.has(name));
  }

  /** @throws BanyanError `argument` for a name that no task has. */
  task(name: string): BuiltTask {
    const found = this.tasks.find((task) => task.name === name);
    if (found !== undefined) return found;
    const names = this.tasks.map((task) => task.name);
    throw new BanyanError(
      'argument',
      `There is no task "${name}" in this network. Expected one of: ${names.join(', ')}. ${didYouMean(name, names, 'Name one of these.')}`,
    );
  }

  /** Adds a column with its stems and heads, whole or not at all. `routeStem`: see `LateralOptions.stem`. */
  addColumn(plan: ColumnPlan, tasks: readonly AnyTask[], routeStem?: string): void {
    try {
      this.#columns = [...this.#columns, growColumn(this.#scope, this.#columns, plan, tasks, routeStem)];
    } catch (error) {
      this.#forget(tasks, this.#columns.length);
      throw error;
    }
  }

  /** Takes the last column away. */
  removeColumn(): void {
    const tasks = this.#columns.at(-1)!.tasks.map(({ definition }) => definition);
    const before = this.store.all().map(({ name }) => name);
    this.#forget(tasks, this.#columns.length - 1);
    this.#columns = this.#columns.slice(0, -1);
    const left = new Set(this.store.all().map(({ name }) => name));
    const gone = before.filter((name) => !left.has(name));
    for (const action of this.#atRemoval) action(gone);
  }

  #forget(tasks: readonly AnyTask[], column: number): void {
    const scopes = columnScopes(tasks, column);
    this.store.remove(...scopes);
    this.store.removeAssets(...scopes);
  }

  /** Builds the last column's blocks, adapters and decoder again by another plan; their variables begin anew. */
  replaceColumn(plan: ColumnPlan): void {
    const index = this.#columns.length - 1;
    this.store.remove(columnScope(index));
    const column = this.#columns[index]!;
    const body = buildBody(this.#scope, plan, index, column.tasks);
    const tasks = withWriting(this.#scope, plan, index, column.tasks);
    this.#columns = [...this.#columns.slice(0, -1), { ...column, plan, body, tasks }];
  }

  /** Whether the column of this number is frozen: training may change the last one alone. */
  isFrozen(column: number): boolean {
    return column < this.#columns.length - 1;
  }

  /**
   * Freezes what lies below these scopes of the last column (`column-0`, `stem/clothing`, `head/clothing`), as an added column
   * freezes all before it: training leaves it alone, and it runs in inference mode.
   */
  freeze(...scopes: readonly string[]): void {
    for (const scope of scopes) this.#frozen.add(scope);
  }

  /** The variables that training may change: the last column's, and those of its tasks' stems and heads. */
  get trainable(): readonly NetworkVariable[] {
    const definitions = this.#columns.at(-1)!.tasks.map(({ definition }) => definition);
    const scopes = columnScopes(definitions, this.#columns.length - 1);
    const unfrozen = scopes.filter((scope) => !this.#frozen.has(scope));
    return this.store.all().filter(({ name }) => isBelow(name, ...unfrozen));
  }

  /**
   * Takes a batch through its stems and their column to the tokens of a pass's tasks, and, forward only, through what that column
   * needs of earlier ones. `inputs`: the batch as each of `entriesOf(pass.input)` takes it.
   */
  encode(
    pass: Pick<Pass, 'input' | 'tasks' | 'still'>,
    inputs: readonly tf.Tensor[],
    training: boolean,
    tap?: InputTap,
  ): ColumnOutput {
    // The key of a step that is over is gone.
    if (!training) this.randomness.begin();
    const trains = (scope: string) => training && !this.#frozen.has(scope) && !pass.still?.has(scope);
    return encode(this.#columns, pass, inputs, trains, tap);
  }

  /**
   * Gives the output of a task's head. `target`: the batch's labels, which a head that writes needs. `tokens`,
   * `[batch, positions, width]`, stand in for those of the pass.
   */
  output(
    task: BuiltTask,
    encoded: ColumnOutput,
    target: tf.Tensor,
    tokens: tf.Tensor3D = encoded.tokensOf(task),
  ): Output {
    if (!isWriting(task)) return this.read(task, encoded, tokens);
    const read = { tokens, call: encoded.columnCall };
    return forcedOutput(task, read, target as tf.Tensor2D);
  }

  /** Gives the output of a head that does not write, which needs no labels. */
  read(task: BuiltTask, encoded: ColumnOutput, tokens: tf.Tensor3D = encoded.tokensOf(task)): Output {
    return labelled(task.scope, () =>
      blaming(`${task.scope}: forward()`, 'a tensor, or several by name', () =>
        task.head.forward(tokens, headCall(task, encoded)),
      ),
    );
  }

  /** Gives the loss of each sample of a task, `[batch]`, checked. */
  loss(task: BuiltTask, output: Output, target: tf.Tensor): tf.Tensor1D {
    const before = timesAsked();
    const losses = labelled(`${task.scope}/loss`, () =>
      blaming(`${task.scope}: loss()`, 'one number a sample', () => task.head.loss(output, target)),
    );
    this.#leavesOut.set(task.name, timesAsked() > before);
    checkLosses(task, losses, target.shape[0]!);
    return losses;
  }

  /**
   * Gives the loss of a task on a batch in training: the sum of its samples' losses, each with its weight, `[]`. `tokens`: as for
   * `output`.
   */
  trainingLoss(
    task: BuiltTask,
    encoded: ColumnOutput,
    labels: WeighedLabels,
    tokens: tf.Tensor3D = encoded.tokensOf(task),
  ): tf.Scalar {
    const output = this.output(task, encoded, labels.target, tokens);
    const sumOf = ({ target, weights }: WeighedLabels) =>
      this.loss(task, output, target).mul(weights).sum() as tf.Scalar;
    if (encoded.mixing === undefined) return sumOf(labels);
    const [own, partners] = mixedLabels(task, labels, encoded.mixing);
    return sumOf(own).add(sumOf(partners)) as tf.Scalar;
  }

  /**
   * Checks that a task's loss leaves out what is missing of labels that are there in part, as far as it was called by now.
   * @throws BanyanError `data`.
   */
  assertLeavesOut({ name }: BuiltTask): void {
    if (this.#leavesOut.get(name) !== false) return;
    throw new BanyanError(
      'data',
      `Task "${name}": a label lacks some of its numbers (NaN), and the loss of its head takes them all. Expected whole labels, or a loss that leaves out what is missing. Use squaredError() or, in a loss of your own, knownNumbers(target); or give undefined for such a label.`,
    );
  }

  /** Completes a computation by all variables of the network, and by `others` that lie beside it. */
  computation(work: ComputationOf, others: readonly tf.Variable[] = []): Computation {
    return { ...work, variables: [...this.store.all().map(({ tensor }) => tensor), ...others] };
  }

  /** Computes something over the network's variables, as `Runner.run`. */
  compute(work: ComputationOf, compile: CompileMode): Promise<Results> {
    return this.runner.run(this.computation(work), compile);
  }

  /** Calls `action` with the names of the variables that are removed with a column. */
  whenRemoved(action: (names: readonly string[]) => void): void {
    this.#atRemoval.push(action);
  }

  /** Calls `action` when the weights are freed: for what lives beside them, such as an optimiser's state. */
  whenDisposed(action: () => void): void {
    this.#atDisposal.push(action);
  }

  #free(): void {
    for (const action of this.#atDisposal) action();
    this.store.dispose();
    // Last: what is gone by then need not be read from the device.
    this.runner.dispose();
  }
}
