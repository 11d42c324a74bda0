import { z } from 'zod';
import type { Sidecar } from './sidecar.ts';

/** The methods by which Optuna chooses what is tried next. */
export const SAMPLERS = ['tpe', 'cma-es', 'nsga-ii', 'random'] as const;
/** The rules by which a trial that does badly is ended. */
export const PRUNERS = ['hyperband', 'median'] as const;

/** A setting as Optuna draws it: from an interval, or one of a list. */
export type Distribution =
  | readonly [kind: 'float', options: { readonly low: number; readonly high: number; readonly log: boolean }]
  | readonly [kind: 'int', options: { readonly low: number; readonly high: number }]
  | readonly [kind: 'categorical', options: { readonly choices: readonly Choice[] }];

/** What may be one of a list in Optuna. */
export type Choice = string | number | boolean | null;

/** What makes a study of Optuna. */
export interface StudyOptions {
  /** The address of its store, as SQLAlchemy has them: `sqlite:///PATH`. */
  readonly url: string;
  /** Workers that name the same study in the same store work on it together. */
  readonly name: string;
  readonly directions: readonly ('maximize' | 'minimize')[];
  readonly sampler: (typeof SAMPLERS)[number];
  readonly seed: number;
  /** The rule of Optuna that ends trials; null for none. */
  readonly prune: (typeof PRUNERS)[number] | null;
  /** The number of reports that a trial makes. */
  readonly points: number;
  /** Seconds between two heartbeats of a worker; after six that are missing another one takes its trial. */
  readonly beat: number;
  /** What the study is about. */
  readonly description: string;
}

const segmentSchema = z.object({
  generation: z.int(),
  member: z.int(),
  /** The member whose network it begins with; null in the first generation. */
  parent: z.int().nullable(),
});

/** A part of the training of one network of a population, from one measurement to the next. */
export type Segment = z.output<typeof segmentSchema>;

const trialSchema = z.object({
  number: z.int(),
  /** That of the trial that was begun first, where this one goes on with it. */
  origin: z.int(),
  state: z.enum(['RUNNING', 'COMPLETE', 'PRUNED', 'FAIL', 'WAITING']),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  values: z.array(z.number()).nullable(),
  notes: z.object({
    segment: segmentSchema.optional(),
    worker: z.string().optional(),
    /** The objectives at each report. */
    curve: z.record(z.string(), z.array(z.number())).optional(),
    message: z.string().optional(),
    seconds: z.number().optional(),
    step: z.number().optional(),
  }),
  /** When it ended, in seconds. */
  ended: z.number().nullable(),
});

/** A trial as the store has it. */
export type StoredTrial = z.output<typeof trialSchema>;

/** The objectives of a trial at each of its reports, which are numbered from 1. */
export type TrialCurve = Readonly<Record<string, readonly number[]>>;

/** How a trial ended, and what is noted of it. */
export interface TrialEnding {
  readonly state: 'COMPLETE' | 'PRUNED' | 'FAIL';
  readonly values?: readonly number[];
  readonly notes: { readonly message?: string; readonly seconds: number; readonly step: number };
}

/** A study in Optuna's store, spoken to through a process of its own. */
export class TrialStore {
  readonly #sidecar: Sidecar;
  /** What the study was made about: of a study that was there already, that of whoever made it. */
  readonly description: string;

  private constructor(sidecar: Sidecar, description: string) {
    this.#sidecar = sidecar;
    this.description = description;
  }

  /** Opens a study, or makes it. @throws BanyanError `runtime` where the store cannot be used. */
  static async open(sidecar: Sidecar, options: StudyOptions): Promise<TrialStore> {
    try {
      return new TrialStore(sidecar, z.string().parse(await sidecar.ask('open', options)));
    } catch (error) {
      await sidecar.close();
      throw error;
    }
  }

  /** Begins a trial, or goes on with one that waits. `worker` is noted with it. */
  async ask(space: Readonly<Record<string, Distribution>>, worker: string): Promise<StoredTrial> {
    return trialSchema.parse(await this.#sidecar.ask('ask', { space, note: worker }));
  }

  /** Lets a trial with these settings wait for a worker. */
  async enqueue(params: StoredTrial['params'], segment: Segment): Promise<void> {
    await this.#sidecar.ask('enqueue', { params, segment });
  }

  /** Says how well a trial does by now; true where a rule of Optuna wants it to end. */
  async report(number: number, step: number, values: readonly number[]): Promise<boolean> {
    return z.boolean().parse(await this.#sidecar.ask('report', { number, step, values }));
  }

  /** Ends a trial; false where another worker has taken it meanwhile, and this ending does not count. */
  async tell(number: number, { state, values = [], notes }: TrialEnding): Promise<boolean> {
    return z.boolean().parse(await this.#sidecar.ask('tell', { number, state, values, notes }));
  }

  /** Gives up a trial, so that a worker goes on with it later. */
  async release(number: number): Promise<void> {
    await this.#sidecar.ask('release', { number });
  }

  /** Lists all trials, in their order. Those of workers whose heart has not beaten are failed, and wait again. */
  async trials(): Promise<readonly StoredTrial[]> {
    return z.array(trialSchema).parse(await this.#sidecar.ask('trials'));
  }

  /** The share of each setting in what an objective varies (functional ANOVA, Hutter et al. 2014); none where too few trials say so. */
  async importance(objective: number): Promise<Readonly<Record<string, number>>> {
    return z.record(z.string(), z.number()).parse(await this.#sidecar.ask('importance', { objective }));
  }

  close(): Promise<void> {
    return this.#sidecar.close();
  }
}
