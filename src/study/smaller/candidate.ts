import type { Network } from '../../network/index.ts';
import type { LoadedWeights } from '../../pretrained/index.ts';
import type { Session } from '../run/session.ts';
import type { StudyRun } from '../study.ts';
import type { Route } from './point.ts';

/** One network on the curve. */
export interface SmallerRun extends StudyRun {
  readonly route: Route;
}

/** A smaller network that is to be trained. */
export interface Candidate {
  readonly run: SmallerRun;
  /** What it is made by beside its experiment: the share that is kept, or a temperature. */
  readonly setting: number;
  /** The experiment that its folder will hold, and what it needs. */
  readonly session: Session;
  /** Makes it as its training begins. */
  begin(): Promise<{ readonly network: Network; readonly weights: readonly LoadedWeights[] }>;
}
