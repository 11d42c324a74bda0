import { lastValueFrom, tap } from 'rxjs';
import type { Network } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { type TrainingEvent, type TrainOptions, train } from '../../train/index.ts';
import type { Trunk } from '../../trunk/index.ts';
import type { Session } from '../run/session.ts';
import type { TransferPlan } from './plan.ts';

/** The task of a source whose stem fits a target. */
export interface Fitting {
  readonly task: AnyTask;
  /** Whether the target's own stem has the same variables. */
  readonly alike: boolean;
}

/** What all runs of a transfer experiment share. */
export interface TransferStudy {
  readonly session: Session;
  readonly plan: TransferPlan;
  readonly folder: string;
  readonly trunk: Trunk;
  /** Sources' and targets', by name. */
  readonly tasks: ReadonlyMap<string, AnyTask>;
  /** Aborted by an `Interrupted` when the work is to end. */
  readonly signal: AbortSignal;
  /** By source and target; filled as networks are built. */
  readonly fitting: Map<string, Fitting | undefined>;
}

/** Work that was ended before its time. */
export class Interrupted extends Error {}

/** Trains to the end, and hands each event on. @throws Interrupted. */
export async function trainFully(
  { signal }: TransferStudy,
  network: Network,
  options: TrainOptions,
  see: (event: TrainingEvent) => void = () => {},
): Promise<void> {
  await lastValueFrom(train(network, { ...options, signal }).pipe(tap(see)));
  signal.throwIfAborted();
}
