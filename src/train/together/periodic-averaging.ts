import * as tf from '@tensorflow/tfjs';
import { sumOverWorkers, type Team } from '../../cluster/index.ts';
import { BanyanError } from '../../error.ts';
import type { NetworkBody, NetworkVariable } from '../../network/index.ts';
import { makeSlot } from '../state/slots.ts';
import type { TrainingState } from '../state/training-state.ts';
import { float } from '../step/inputs.ts';
import { flatten } from '../step/over-workers.ts';
import type { TakingPart, UpdatePlan } from '../step/plan.ts';
import { namesOf } from '../step/plan.ts';
import { lastColumnOf } from '../stopping/parts.ts';
import type { UpdateResult } from '../update/strategy.ts';
import { gatherJson } from './begin.ts';

/** What updates move: a weight, and what optimiser and averages keep of it. */
interface Trained {
  readonly name: string;
  readonly tensors: readonly tf.Variable[];
}

/** What passes move: a running statistic, or what is counted, and what it was at the last mean. */
interface Statistic {
  readonly variable: tf.Variable;
  readonly before: tf.Variable;
  readonly counts: boolean;
}

type Losses = Pick<UpdateResult, 'losses' | 'labelled'>;

const WHAT = 'the mean of the weights';

/**
 * Lets each worker update weights of its own, and makes them the mean of all workers' every so many steps: local SGD (Stich 2019, "Local SGD
 * Converges Fast and Communicates Little", ICLR, algorithm 1), with the optimiser's state averaged as the weights are. Running statistics
 * become the mean too, and what is counted adds up.
 */
export class PeriodicAveraging {
  readonly #plan: UpdatePlan;
  readonly #team: Team;
  readonly #state: TrainingState;
  readonly #every: number;
  readonly #steps: number;
  readonly #trained: readonly Trained[];
  readonly #statistics: readonly Statistic[];
  /** The names of the weights that were updated since the last mean. */
  readonly #updated = new Set<string>();
  /** Sums of losses and numbers of labels since then, by task. */
  #seen: { readonly sum: number; readonly labelled: number }[];

  /**
   * `plan`: that of all tasks; `every`: steps between two means, `steps`: those of the training. All workers have the same weights by now. The
   * caller disposes it.
   */
  constructor(plan: UpdatePlan, team: Team, state: TrainingState, { every, steps }: { every: number; steps: number }) {
    this.#plan = plan;
    this.#team = team;
    this.#state = state;
    this.#every = every;
    this.#steps = steps;
    this.#trained = plan.variables.map(({ name, tensor }) => ({
      name,
      tensors: [
        tensor,
        ...[state.slots, state.average?.slots].flatMap((slots) => Object.values(slots?.get(name) ?? {})),
      ],
    }));
    this.#statistics = movedByPasses(plan.body).map(({ name, tensor, counts }) => ({
      variable: tensor,
      before: makeSlot({ name, initial: 'weights' }, tensor),
      counts: counts === true,
    }));
    this.#seen = plan.tasks.map(() => ({ sum: 0, labelled: 0 }));
  }

  /** Whether all have the same weights after this step. */
  isDue(step: number): boolean {
    return step % this.#every === 0 || step === this.#steps;
  }

  /** Hears of an update that this worker has made. */
  add({ variables }: Pick<UpdatePlan, 'variables'>, { losses, labelled }: Losses): void {
    for (const { name } of variables) this.#updated.add(name);
    this.#seen = this.#seen.map(({ sum, labelled: before }, k) => {
      const name = namesOf(this.#plan)[k]!;
      const count = labelled[name] ?? 0;
      return { sum: sum + count * (losses[name] ?? 0), labelled: before + count };
    });
  }

  /**
   * Makes all weights the mean of those of all workers, after a step. @returns the mean losses since the last mean, over the labels of all.
   * @throws BanyanError `diverged`, the same in all, where one of them has failed by it.
   */
  async average(step: number): Promise<Losses> {
    const shares = await this.#meet();
    this.#state.whole = false;
    const finite = await this.#average();
    const broken = Array.from(finite).flatMap((flag, w) => (flag === 1 ? [] : [this.#team.nameOf(w)]));
    if (broken.length > 0) {
      throw new BanyanError(
        'diverged',
        `Step ${step}: the weights of ${broken.join(' and ')} are not all finite, expected finite numbers. Those of the others are as their own updates left them. Lower the learning rate, or average more often.`,
      );
    }
    this.#state.whole = true;
    this.#updated.clear();
    this.#seen = this.#seen.map(() => ({ sum: 0, labelled: 0 }));
    return lossesOf(this.#plan, shares);
  }

  /**
   * Lets all hear, where they meet next, that this worker's updates have failed.
   * @throws BanyanError `diverged`, the same in all; whatever else has failed, at once.
   */
  async fail(error: unknown): Promise<never> {
    if (error instanceof BanyanError && error.code === 'diverged') await this.#meet(error);
    throw error;
  }

  dispose(): void {
    tf.dispose(this.#statistics.map(({ before }) => before));
  }

  /** Waits for all to have made their steps. @returns the losses and labels of each. */
  async #meet(failure?: BanyanError): Promise<readonly Float32Array[]> {
    const seen = this.#seen.flatMap(({ sum, labelled }) => [sum, labelled]);
    const shares = await this.#team.gather([failure === undefined ? 0 : 1, ...seen], WHAT);
    if (shares.every(([failed]) => failed === 0)) return shares.map((share) => share.subarray(1));
    const messages = await gatherJson(this.#team, failure?.message ?? null, WHAT);
    const first = messages.findIndex((message) => message !== null);
    throw new BanyanError('diverged', `${this.#team.nameOf(first)}: ${messages[first]}`, { cause: failure });
  }

  /** Nothing changes where a worker's numbers are not finite. @returns 1 for each worker whose are, else 0. */
  async #average(): Promise<ArrayLike<number>> {
    const { body, compile } = this.#plan;
    const { size, index } = this.#team;
    const tensors = this.#trained.flatMap(({ tensors }) => tensors);
    const statistics = this.#statistics;
    const { finite } = await body.runner.run(
      {
        kind: 'train-weights',
        key: ['average over workers', [...tensors, ...statistics.map(({ before }) => before)].map(({ id }) => id)],
        inputs: [
          float(
            [this.#trained.length],
            this.#trained.map(({ name }) => Number(this.#updated.has(name))),
          ),
        ],
        variables: [...tensors, ...statistics.flatMap(({ variable, before }) => [variable, before])],
        gated: true,
        trace: ([updated]) => {
          const moves = statistics.map(({ variable, before }) => variable.sub(before));
          const own = flatten([...tensors, ...moves])!;
          const finite = tf
            .isFinite(own)
            .all()
            .cast('float32')
            .reshape([1])
            .pad([[index, size - 1 - index]]);
          const key = JSON.stringify(['average', body.store.all().map(({ name }) => name)]);
          const sums = tf.split(sumOverWorkers(tf.concat([own, finite as tf.Tensor1D]), size, key), [
            ...[...tensors, ...moves].map((tensor) => tensor.size),
            size,
          ]);
          const rest = sums.values();
          for (const [i, { tensors }] of this.#trained.entries()) {
            // What no step has trained keeps its very bits, which the mean of equal numbers need not.
            const isUpdated = updated!.slice([i], [1]).greater(0);
            for (const tensor of tensors) {
              const mean = rest.next().value!.div(size).reshape(tensor.shape);
              tensor.assign(tf.where(isUpdated.reshape(tensor.shape.map(() => 1)), mean, tensor));
            }
          }
          for (const { variable, before, counts } of statistics) {
            const sum = rest.next().value!.reshape(variable.shape);
            const moved = before.add(counts ? sum : sum.div(size));
            variable.assign(moved);
            before.assign(moved.clone());
          }
          // Not a number where any of them is none.
          const gate = tf.addN(sums.map((sum) => sum.mul(0).sum()));
          return { finite: sums.at(-1)!, gate };
        },
      },
      compile,
    );
    return finite!.values;
  }
}

/** What training moves beside weights. */
const movedByPasses = (body: NetworkBody): readonly NetworkVariable[] =>
  lastColumnOf(body).filter(({ trainable, tensor }) => !trainable && tensor.dtype === 'float32');

/** The mean losses of all workers' labels, from the sums and numbers of each. */
function lossesOf({ tasks }: Pick<TakingPart, 'tasks'>, shares: readonly Float32Array[]): Losses {
  const [losses, labelled]: [Record<string, number>, Record<string, number>] = [{}, {}];
  for (const [k, { name }] of tasks.entries()) {
    const total = (place: number) => shares.reduce((sum, share) => sum + share[2 * k + place]!, 0);
    labelled[name] = total(1);
    if (labelled[name] > 0) losses[name] = total(0) / labelled[name];
  }
  return { losses, labelled };
}
