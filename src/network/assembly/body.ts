import type * as tf from '@tensorflow/tfjs';
import type { Container } from 'inversify';
import { BanyanError } from '../../error.ts';
import { timesAsked } from '../../loss/known-numbers.ts';
import { didYouMean } from '../../nearest.ts';
import { RandomRoot } from '../../random/index.ts';
import { createRunner, detached, labelled, type Runner } from '../../runtime/index.ts';
import { columnScope, isBelow } from '../../scope.ts';
import { blaming } from '../../task/blame.ts';
import type { Call, Json, Output } from '../../task/contract.ts';
import type { AnyTask } from '../../task/task.ts';
import type { Activations, ColumnPlan, Tap } from '../../trunk/index.ts';
import type { BufferPool } from '../batch/buffer-pool.ts';
import { type BuiltStem, type BuiltTask, type Pass, stemsOf } from './built.ts';
import { type BuiltColumn, buildBody, columnScopes, growColumn } from './column.ts';
import type { BuildScope } from './resolve.ts';
import { type NetworkVariable, VariableStore } from './variables.ts';

/** What a pass through a column gives, and how that is meant. */
export interface ColumnOutput {
  /** What the head of one of the pass's tasks reads, `[batch, positions, width]`: one tensor for all, unless they share softly. */
  tokensOf(task: BuiltTask): tf.Tensor3D;
  readonly call: Call;
}

/** What a stem gives. */
interface StemOutput {
  readonly tokens: tf.Tensor3D;
  readonly call: Call;
}

/** Stems, columns and heads put together: the graph side of a network. */
export class NetworkBody {
  readonly store: VariableStore;
  /** Runs what is computed over the weights. */
  readonly runner: Runner = createRunner();
  readonly randomness = new RandomRoot();
  /** Those that no prediction uses now. */
  readonly bufferPools: BufferPool[] = [];
  readonly #workshop: BuildScope;
  #columns: readonly BuiltColumn[] = [];
  readonly #frozen = new Set<string>();
  /** By task: whether its loss left out what was missing when it was called last. */
  readonly #leavesOut = new Map<string, boolean>();
  readonly #atDisposal: (() => void)[] = [];
  readonly #atRemoval: ((names: readonly string[]) => void)[] = [];

  constructor(container: Container, seed: number, assets?: Readonly<Record<string, Json>>) {
    this.store = new VariableStore(seed, assets);
    this.#workshop = { container, store: this.store, randomness: this.randomness };
  }

  get columns(): readonly BuiltColumn[] {
    return this.#columns;
  }

  /** Of all columns, in the order in which they came. */
  get tasks(): readonly BuiltTask[] {
    return this.#columns.flatMap(({ tasks }) => tasks);
  }

  task(name: string): BuiltTask {
    const found = this.tasks.find((task) => task.name === name);
    if (found !== undefined) return found;
    const known = this.tasks.map((task) => task.name);
    throw new BanyanError(
      'argument',
      `There is no task "${name}" in this network. Expected one of: ${known.join(', ')}. ${didYouMean(name, known, 'Name one of these.')}`,
    );
  }

  /** Adds a column with its stems and heads, whole or not at all. */
  addColumn(plan: ColumnPlan, tasks: readonly AnyTask[], through?: string): void {
    try {
      this.#columns = [...this.#columns, growColumn(this.#workshop, this.#columns, plan, tasks, through)];
    } catch (error) {
      this.#remove(tasks, this.#columns.length);
      throw error;
    }
  }

  /** Takes the last column away. */
  removeColumn(): void {
    const { tasks } = this.#columns.at(-1)!;
    const before = this.store.all().map(({ name }) => name);
    this.#remove(tasks, this.#columns.length - 1);
    this.#columns = this.#columns.slice(0, -1);
    const left = new Set(this.store.all().map(({ name }) => name));
    const gone = before.filter((name) => !left.has(name));
    for (const action of this.#atRemoval) action(gone);
  }

  #remove(tasks: readonly { readonly name: string }[], column: number): void {
    const scopes = columnScopes(tasks, column);
    this.store.remove(...scopes);
    this.store.removeAssets(...scopes);
  }

  /** Builds the last column's blocks and adapters again by another plan; their variables begin anew. */
  replaceColumn(plan: ColumnPlan): void {
    const index = this.#columns.length - 1;
    this.store.remove(columnScope(index));
    const column = this.#columns[index]!;
    const body = buildBody(this.#workshop, plan, index, column.tasks);
    this.#columns = [...this.#columns.slice(0, -1), { ...column, plan, body }];
  }

  /** Whether training may change the column of this number: the last one alone. */
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
    const scopes = columnScopes(this.#columns.at(-1)!.tasks, this.#columns.length - 1);
    const unfrozen = scopes.filter((scope) => !this.#frozen.has(scope));
    return this.store.all().filter(({ name }) => isBelow(name, ...unfrozen));
  }

  /**
   * A batch through a stem and its column to the tokens of a pass's tasks, and, forward only, through what that column needs of
   * earlier ones. `inputs`: the batch as each of `stemsOf(stem)` takes it.
   */
  encode(
    { stem, tasks }: Pick<Pass, 'stem' | 'tasks'>,
    inputs: readonly tf.Tensor[],
    training: boolean,
    tap?: Tap,
  ): ColumnOutput {
    // The key of a step that is over is gone.
    if (!training) this.randomness.begin();
    const column = this.#columns[stem.column]!;
    const trains = (scope: string) => training && !this.#frozen.has(scope);
    const own = this.#tokens(stem, inputs[0]!, trains(stem.scope));
    const earlier = this.#earlier(stem, inputs, own, tap);
    const call = { ...own.call, training: trains(columnScope(stem.column)) };
    const names = tasks.map(({ name }) => name);
    const tokens = column.body.forward(own.tokens, call, names, earlier, tap);
    return { tokensOf: ({ name }) => tokens.get(name)!, call: { ...own.call, training } };
  }

  /** What earlier columns compute on this batch, as far as it comes into this stem's column. */
  #earlier(
    stem: BuiltStem,
    inputs: readonly tf.Tensor[],
    own: StemOutput,
    tap?: Tap,
  ): ReadonlyMap<number, Activations> {
    const stems = stemsOf(stem);
    const encoded = new Map<BuiltStem, StemOutput>();
    const through = (other: BuiltStem): StemOutput => {
      const known = encoded.get(other) ?? this.#tokens(other, inputs[stems.indexOf(other)]!, false);
      encoded.set(other, known);
      return known;
    };
    const activations = new Map<number, Activations>();
    for (const [index, count] of this.#needed(stem.column)) {
      const way = stem.routes[index]!;
      const { tokens, call } =
        way.stem !== undefined
          ? through(way.stem)
          : {
              tokens: labelled(stem.scope, () => way.fit(detached(own.tokens))),
              call: { ...own.call, training: false },
            };
      activations.set(index, this.#columns[index]!.body.activations(tokens, call, count, activations, tap));
    }
    return activations;
  }

  /** Earlier columns that come into this one, directly or through others, and how many of their blocks; ascending. */
  #needed(column: number): readonly (readonly [column: number, blocks: number])[] {
    const counts = new Map<number, number>();
    for (let index = column; index > 0; index--) {
      const upTo = index === column ? Infinity : (counts.get(index) ?? 0);
      for (const [block, inputs] of this.#columns[index]!.plan.inputs.entries()) {
        if (block >= upTo) break;
        for (const { column: from } of inputs) counts.set(from, Math.max(counts.get(from) ?? 0, block));
      }
    }
    return [...counts].sort(([a], [b]) => a - b);
  }

  #tokens(stem: BuiltStem, batch: tf.Tensor, training: boolean): StemOutput {
    const given = labelled(stem.scope, () =>
      blaming(`${stem.scope}: forward()`, 'tokens [batch, positions, width]', () =>
        stem.implementation.forward(batch, { training }),
      ),
    );
    const { tokens, mask } = 'tokens' in given ? given : { tokens: given, mask: undefined };
    this.#checkTokens(stem, tokens, mask);
    return { tokens, call: mask === undefined ? { training } : { training, mask } };
  }

  #checkTokens(stem: BuiltStem, tokens: tf.Tensor3D, mask: tf.Tensor2D | undefined): void {
    const { width } = this.#columns[stem.column]!.plan.trunk;
    if (tokens.rank !== 3 || tokens.shape[2] !== width) {
      throw new BanyanError(
        'shape',
        `${stem.scope}: forward() gave [${tokens.shape.join(', ')}], expected tokens [batch, positions, ${width}]. Make its last layer as wide as context.width.`,
      );
    }
    const { positions } = stem.implementation;
    if (positions !== undefined && tokens.shape[1] !== positions) {
      throw new BanyanError(
        'shape',
        `${stem.scope}: forward() gave tokens [${tokens.shape.join(', ')}], expected [batch, ${positions}, ${width}] by the stem's \`positions\`. Correct them, or leave them out where their number varies.`,
      );
    }
    if (mask !== undefined && (mask.shape[0] !== tokens.shape[0] || mask.shape[1] !== tokens.shape[1])) {
      throw new BanyanError(
        'shape',
        `${stem.scope}: forward() gave a mask [${mask.shape.join(', ')}] for tokens [${tokens.shape.join(', ')}], expected [${tokens.shape[0]}, ${tokens.shape[1]}]. Give one mask number a position.`,
      );
    }
  }

  /** What a pass gave to a task's output. `tokens`: in place of the pass's own. */
  output(task: BuiltTask, encoded: ColumnOutput, tokens: tf.Tensor3D = encoded.tokensOf(task)): Output {
    return labelled(task.scope, () =>
      blaming(`${task.scope}: forward()`, 'a tensor, or several by name', () =>
        task.head.forward(tokens, encoded.call),
      ),
    );
  }

  /** Per-sample loss of one task, `[batch]`, checked. */
  loss(task: BuiltTask, output: Output, target: tf.Tensor): tf.Tensor1D {
    const before = timesAsked();
    const loss = labelled(`${task.scope}/loss`, () =>
      blaming(`${task.scope}: loss()`, 'one number a sample', () => task.head.loss(output, target)),
    );
    this.#leavesOut.set(task.name, timesAsked() > before);
    if (loss.rank !== 1 || loss.shape[0] !== target.shape[0]) {
      throw new BanyanError(
        'shape',
        `${task.scope}: loss() gave [${loss.shape.join(', ')}], expected one number a sample, [${target.shape[0]}]. Reduce all axes but the first.`,
      );
    }
    return loss;
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

  /** `action` hears the names of the variables that are removed with a column. */
  whenRemoved(action: (names: readonly string[]) => void): void {
    this.#atRemoval.push(action);
  }

  /** `action` runs when the network is disposed: for what lives beside it, such as an optimiser's state. */
  whenDisposed(action: () => void): void {
    this.#atDisposal.push(action);
  }

  dispose(): void {
    for (const action of this.#atDisposal) action();
    this.store.dispose();
    // Last: what is gone by then need not be read from the device.
    this.runner.dispose();
  }
}
