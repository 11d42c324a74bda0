import type * as tf from '@tensorflow/tfjs';
import type { Container } from 'inversify';
import { BanyanError } from '../error.ts';
import { RandomRoot } from '../random/index.ts';
import { createRunner, labelled, type Runner } from '../runtime/index.ts';
import type { Call, Json, Label, MaskedTokens, Output } from '../task/contract.ts';
import type { AnyTask } from '../task/task.ts';
import { buildColumn, type ColumnBody, type Trunk } from '../trunk/index.ts';
import { buildHead, buildStem, type Workshop } from './build.ts';
import type { BuiltStem, BuiltTask } from './pass.ts';
import { VariableStore } from './variables.ts';

const ONE_NUMBER: Label = { shape: [], dtype: 'float32' };

/** Stems, columns and heads put together: the graph side of a network. */
export class NetworkBody {
  readonly trunk: Trunk;
  readonly store: VariableStore;
  /** Runs what is computed over the weights. */
  readonly runner: Runner = createRunner();
  readonly randomness = new RandomRoot();
  readonly tasks: readonly BuiltTask[];
  readonly #column: ColumnBody;
  readonly #atDisposal: (() => void)[] = [];

  constructor(
    container: Container,
    trunk: Trunk,
    tasks: readonly AnyTask[],
    seed: number,
    assets?: Readonly<Record<string, Json>>,
  ) {
    this.trunk = trunk;
    this.store = new VariableStore(seed, assets);
    const { store, randomness } = this;
    const workshop: Workshop = { container, store, randomness, width: trunk.width };
    const stems = new Map<unknown, BuiltStem>();
    try {
      this.#column = buildColumn(trunk, (name) => {
        const part = `column-0/${name}`;
        return { width: trunk.width, random: randomness.branch(part), ...store.scope(part) };
      });
      this.tasks = tasks.map((task) => {
        let stem = stems.get(task.stem);
        if (stem === undefined) {
          stem = { part: `stem/${task.name}`, stem: buildStem(workshop, task) };
          stems.set(task.stem, stem);
        }
        const head = buildHead(workshop, task);
        return { task, name: task.name, stem, head, part: `head/${task.name}`, label: head.target ?? ONE_NUMBER };
      });
    } catch (error) {
      store.dispose();
      throw error;
    }
  }

  task(name: string): BuiltTask {
    const found = this.tasks.find((task) => task.name === name);
    if (found !== undefined) return found;
    const known = this.tasks.map((task) => task.name).join(', ');
    throw new BanyanError(
      'argument',
      `There is no task "${name}" in this network. Expected one of: ${known}. Correct the name.`,
    );
  }

  /** A batch through a stem and the trunk. */
  encode(stem: BuiltStem, batch: tf.Tensor, training: boolean): { tokens: tf.Tensor3D; call: Call } {
    const given = labelled(stem.part, () => stem.stem.forward(batch, { training }));
    const { tokens, mask } =
      'tokens' in given ? given : ({ tokens: given } as Partial<MaskedTokens> & { tokens: tf.Tensor3D });
    this.#checkTokens(stem, tokens, mask);
    const call: Call = mask === undefined ? { training } : { training, mask };
    return { tokens: this.#column.forward(tokens, call), call };
  }

  #checkTokens(stem: BuiltStem, tokens: tf.Tensor3D, mask: tf.Tensor2D | undefined): void {
    const width = this.trunk.width;
    if (tokens.rank !== 3 || tokens.shape[2] !== width) {
      throw new BanyanError(
        'shape',
        `${stem.part}: forward() gave [${tokens.shape.join(', ')}], expected tokens [batch, positions, ${width}]. Make its last layer as wide as context.width.`,
      );
    }
    if (mask !== undefined && (mask.shape[0] !== tokens.shape[0] || mask.shape[1] !== tokens.shape[1])) {
      throw new BanyanError(
        'shape',
        `${stem.part}: forward() gave a mask [${mask.shape.join(', ')}] for tokens [${tokens.shape.join(', ')}], expected [${tokens.shape[0]}, ${tokens.shape[1]}]. Give one mask number a position.`,
      );
    }
  }

  /** Tokens of the trunk to a task's output. */
  output(task: BuiltTask, tokens: tf.Tensor3D, call: Call): Output {
    return labelled(task.part, () => task.head.forward(tokens, call));
  }

  /** Per-sample loss of one task, `[batch]`, checked. */
  loss(task: BuiltTask, output: Output, target: tf.Tensor): tf.Tensor1D {
    const loss = labelled(`${task.part}/loss`, () => task.head.loss(output, target));
    if (loss.rank !== 1 || loss.shape[0] !== target.shape[0]) {
      throw new BanyanError(
        'shape',
        `${task.part}: loss() gave [${loss.shape.join(', ')}], expected one number a sample, [${target.shape[0]}]. Reduce all axes but the first.`,
      );
    }
    return loss;
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
