import { lastValueFrom, tap } from 'rxjs';
import type { Network } from '../../network/index.ts';
import type { AnyTask } from '../../task/index.ts';
import { type TrainingEvent, type TrainOptions, train } from '../../train/index.ts';
import type { Trunk } from '../../trunk/index.ts';
import type { Session } from '../run/session.ts';
import type { TransferPlan } from './plan.ts';

/** The task of a source whose stem fits a target. */
export interface FittingTask {
  readonly task: AnyTask;
  /** Whether the target's own stem has the same variables. */
  readonly sameVariables: boolean;
}

/** What all runs of a transfer experiment share. */
export interface TransferContext {
  readonly session: Session;
  readonly plan: TransferPlan;
  readonly folder: string;
  readonly trunk: Trunk;
  /** Sources' and targets', by name. */
  readonly tasks: ReadonlyMap<string, AnyTask>;
  /** Aborted when the work is to end; what is interrupted throws its reason. */
  readonly signal: AbortSignal;
  /** The fitting task by source and target; filled as networks are built. */
  readonly fitting: Map<string, FittingTask | undefined>;
}

/** Trains to the end, and hands each event on. @throws the signal's reason when it is aborted. */
export async function trainFully(
  { signal }: TransferContext,
  network: Network,
  options: TrainOptions,
  see: (event: TrainingEvent) => void = () => {},
): Promise<void> {
  await lastValueFrom(train(network, { ...options, signal }).pipe(tap(see)));
  signal.throwIfAborted();
}
