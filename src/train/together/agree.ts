import type { Team } from '../../cluster/index.ts';
import type { Agreement } from '../reading/batches.ts';
import type { Agreed, UnpaddedBatch } from '../reading/step-batch.ts';
import { countLabelled } from '../step/labels.ts';

/** What this worker has to say before each step. */
export interface Wishes {
  /** Asks for the end of the training. */
  readonly ends: boolean;
  /** Wants a checkpoint; only the chief's word counts. */
  readonly saves: boolean;
}

const NONE: Wishes = { ends: false, saves: false };

/** Brings the workers to one mind before each step: how long its batches are, how many labels they have, whether to go on. */
export class Consent {
  readonly team: Team;
  readonly #ended = new AbortController();
  #wishes = (): Wishes => NONE;

  constructor(team: Team) {
    this.team = team;
  }

  /** Aborted once all have agreed to end. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** `wishes`: asked before each step. */
  listenTo(wishes: () => Wishes): void {
    this.#wishes = wishes;
  }

  /** Agrees on a batch of which each worker has read its share. */
  async on({ prepared, drawn }: UnpaddedBatch): Promise<Agreement> {
    const levels = prepared.map(({ inputs }) => inputs.level);
    const counts = prepared.map(({ labels }) => labels.map((label) => countLabelled(label)));
    const { shares, ...agreed } = await this.#gather([...levels, ...counts.flat()]);
    const numberAt = (place: number) => shares.map((share) => share[place]!);
    let place = levels.length;
    return {
      ...agreed,
      levels: drawn.map((_, p) => Math.max(...numberAt(p))),
      totals: counts.map((labels) => labels.map(() => numberAt(place++).reduce((a, b) => a + b, 0))),
    };
  }

  /** Agrees on nothing but whether to go on, where each works by itself for a while. */
  async toGoOn(): Promise<Agreed> {
    const { ends, saves } = await this.#gather([]);
    return { ends, saves };
  }

  /** Agrees on what all wish, and brings the numbers of all together. */
  async #gather(numbers: readonly number[]): Promise<Agreed & { readonly shares: readonly Float32Array[] }> {
    const { ends, saves } = this.#wishes();
    const shares = await this.team.gather([Number(ends), Number(saves), ...numbers], 'the next step');
    const agreed = { ends: shares.some(([ends]) => ends === 1), saves: shares[0]![1] === 1 };
    if (agreed.ends) this.#ended.abort();
    return { ...agreed, shares: shares.map((share) => share.subarray(2)) };
  }

  /** Agrees, after the last step, whether the chief wants a checkpoint. */
  async atEnd(saves: boolean): Promise<boolean> {
    const [chief] = await this.team.gather([Number(saves)], 'the end of the training');
    return chief![0] === 1;
  }
}
