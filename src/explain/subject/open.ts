import type { BuiltTask, NetworkBody } from '../../network/index.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { type Baseline, type Examined, examine } from './examine.ts';
import type { Level } from './exchange.ts';
import { chooseOutcome, type Outcome } from './outcomes.ts';
import { type OnPoints, Probe } from './probe.ts';
import { scoresOf } from './scores.ts';

interface OpenOptions {
  readonly outcome: number | string | undefined;
  readonly level?: Level | undefined;
  readonly baseline?: Baseline;
  readonly compile: CompileMode;
  /** What an error calls the example. */
  readonly place: string;
  readonly onPoints?: OnPoints;
}

/** An example, the number that is explained, and what asks the network about it. */
export interface OpenedSubject {
  readonly examined: Examined;
  readonly outcome: Outcome;
  readonly probe: Probe;
}

/** Prepares an example and chooses the number that is explained. @throws BanyanError as `attribute`. */
export async function openSubject(
  body: NetworkBody,
  task: BuiltTask,
  raw: unknown,
  { outcome: wanted, level, baseline = 'zeros', compile, place, onPoints }: OpenOptions,
): Promise<OpenedSubject> {
  const examined = await examine(body, task, raw, { level, baseline, compile, place });
  const scores = await scoresOf(examined, compile);
  const { outcome, weights } = chooseOutcome(examined, scores, wanted);
  return { examined, outcome, probe: new Probe(examined, weights, compile, onPoints) };
}
