import { lastValueFrom } from 'rxjs';
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
export interface Workplace {
  readonly session: Session;
  readonly plan: TransferPlan;
  readonly folder: string;
  readonly trunk: Trunk;
  /** Sources' and targets', by name. */
  readonly tasks: ReadonlyMap<string, AnyTask>;
  /** Whether the work is to end after the running step. */
  readonly stopped: () => boolean;
  /** By source and target; filled as networks are built. */
  readonly fitting: Map<string, Fitting | undefined>;
}

/** Work that was ended before its time. */
export class Interrupted extends Error {}

/** Trains to the end, and hands each event on. @throws Interrupted. */
export async function trainFully(
  { stopped }: Workplace,
  network: Network,
  options: TrainOptions,
  see: (event: TrainingEvent) => void = () => {},
): Promise<void> {
  const stop = (event: TrainingEvent) => {
    see(event);
    return stopped();
  };
  await lastValueFrom(train(network, { ...options, stop }));
  throwIfStopped(stopped);
}

export function throwIfStopped(stopped: () => boolean): void {
  if (stopped()) throw new Interrupted();
}
