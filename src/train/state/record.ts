import { z } from 'zod';
import { checked, joinNumbers, type ReadFolder } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import {
  assertFinite,
  type NetworkDescription,
  networkDescription,
  type StoredFile,
  type StoredNetwork,
  storedFile,
  storedNetwork,
} from '../../network/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import type { Json } from '../../task/contract.ts';
import type { DrawsState } from '../reading/draws.ts';
import type { ReadingState } from '../reading/reading-state.ts';
import { lackingIn, type SavedStopping } from '../stopping/early-stopping.ts';
import { type EvaluationState, evaluationState } from '../stopping/state.ts';
import { SEPARATOR } from './snapshots.ts';

/** The files of a checkpoint beside those of its network. */
export const OPTIMIZER = 'optimizer.safetensors';
export const SNAPSHOTS = 'snapshots.safetensors';
export const SOURCES = 'sources.safetensors';
/** Weights of earlier evaluations. */
export const KEPT = 'kept.safetensors';
/** Begins the names of numbers in `SOURCES`. */
export const ROOT = 'source';
export const OTHERS = 'other';

/** What must be the same for the run to go on to the same bits. */
export type Settings = Readonly<Record<string, Json>>;

/** What a checkpoint says of the training, beside weights and optimiser state. */
export interface TrainingRecord {
  /** The steps of this training that were done. */
  readonly step: number;
  /** The evaluation after that step was ended early, and is made when the training goes on. */
  readonly unevaluated?: true;
  /** The updates that the optimiser has made, also in earlier trainings. */
  readonly updates: number;
  /** How many of them a variable missed, by its name. */
  readonly missed: Readonly<Record<string, number>>;
  /** Where reading stands; long lists of numbers of a source's state are in a file of their own. */
  readonly reading: Pick<ReadingState, 'positions' | 'shapes' | 'otherShapes'> & {
    readonly sources: Json;
    readonly others?: Json;
  };
  /** The tasks of the next steps, where not all take part in each. */
  readonly draws?: DrawsState;
  /** The state of the balancing method, where it has one. */
  readonly balance?: Json;
  /** What the schedule has made of the evaluations, where it follows them. */
  readonly schedule?: Json;
  /** What is remembered of the evaluations, where there are any. */
  readonly evaluations?: EvaluationState;
  readonly settings: Settings & { readonly compile: CompileMode };
}

const json = z.custom<Json>((value) => value !== undefined, 'expected data');
const count = z.int().min(0);
const counts = z.record(z.string(), count);
const shapes = z.array(z.strictObject({ passes: z.string(), shapes: z.array(z.array(count)), batches: count }));

const schema = z.object({
  training: z.strictObject({
    step: count,
    unevaluated: z.literal(true).optional(),
    updates: count,
    missed: counts,
    reading: z.strictObject({
      positions: counts,
      sources: z.record(z.string(), json),
      others: z.array(z.record(z.string(), json)).optional(),
      shapes: shapes.optional(),
      otherShapes: z.array(shapes).optional(),
    }),
    draws: z.strictObject({ pending: z.array(z.array(z.string())), sampler: json.optional() }).optional(),
    balance: json.optional(),
    schedule: json.optional(),
    evaluations: evaluationState.optional(),
    settings: z.object({ compile: z.enum(['eager', 'graph', 'xla']) }).catchall(json),
  }),
});

/** A checkpoint, read whole and checked, before anything of it is used. */
export interface Checkpoint {
  readonly path: string;
  readonly network: NetworkDescription;
  readonly stored: StoredNetwork;
  readonly training: TrainingRecord;
  readonly reading: ReadingState;
  readonly slots: StoredFile;
  readonly snapshots: StoredFile;
  /** Absent where nothing was evaluated. */
  readonly stopping: SavedStopping | undefined;
}

/**
 * What was read from a folder, as the checkpoint that was written after a step.
 * @throws BanyanError `checkpoint` for whatever in it is not as a training writes it.
 */
export function checkpointOf(read: ReadFolder, path: string, step?: number): Checkpoint {
  const network = networkDescription(read.content, path);
  const training = checked(schema, read.content, path).training as TrainingRecord;
  if (step !== undefined && training.step !== step)
    throw damaged(path, `it was written after step ${training.step}, and its name says ${step}`);
  if (!read.files.has(OPTIMIZER)) throw damaged(path, `it lacks ${OPTIMIZER}`);
  const slots = storedFile(read, path, OPTIMIZER);
  const snapshots = storedFile(read, path, SNAPSHOTS);
  const kept = storedFile(read, path, KEPT);
  for (const file of [slots, snapshots, kept]) assertFinite(file);
  for (const [file, { tensors }] of [[SNAPSHOTS, snapshots] as const, [KEPT, kept] as const]) {
    const nameless = [...tensors.keys()].find((name) => !name.includes(SEPARATOR));
    if (nameless !== undefined) throw damaged(path, `"${nameless}" in ${file} is of no snapshot`);
  }
  const { evaluations: state } = training;
  const stopping = state && { state, kept };
  const [lacking] = stopping === undefined ? [] : lackingIn(stopping);
  if (lacking !== undefined) throw damaged(path, `${KEPT} lacks the weights of "${lacking}"`);
  const { sources: _, others: __, ...reached } = training.reading;
  const reading = { ...reached, ...sourcesOf(read, path, training) };
  return {
    path,
    network,
    stored: storedNetwork(read, path),
    training,
    reading,
    slots,
    snapshots,
    stopping,
  };
}

function sourcesOf(
  read: ReadFolder,
  path: string,
  { reading: { sources, others }, settings: { workers = 1 } }: Pick<TrainingRecord, 'reading' | 'settings'>,
): Pick<ReadingState, 'sources' | 'others'> {
  const { tensors } = storedFile(read, path, SOURCES);
  const other = [...tensors].find(([, { dtype, shape }]) => dtype !== 'float32' || shape.length !== 1);
  if (other !== undefined) throw damaged(path, `"${other[0]}" in ${SOURCES} is no list of numbers`);
  const joined = { sources: joinNumbers(sources, ROOT, tensors) as ReadingState['sources'] };
  if (others === undefined) return joined;
  const states = joinNumbers(others, OTHERS, tensors) as NonNullable<ReadingState['others']>;
  if (states.length + 1 === workers) return { ...joined, others: states };
  throw damaged(path, `it holds sources of ${states.length + 1} workers, and was written by ${workers}`);
}

const damaged = (path: string, what: string) =>
  new BanyanError('checkpoint', `${path}: ${what}. Use another copy, or another checkpoint.`);
