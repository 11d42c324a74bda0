import type { Display } from '../../task/display.ts';
import { attributionJson, type ExplainedExample } from '../draw/explained.ts';
import type { TrunkSimilarity } from '../trunk/compare-trunks.ts';
import type { DepthProbe } from '../trunk/probe-trunk.ts';
import type { TrainingInfluence } from '../trunk/training-influence.ts';
import type { BlockShares } from '../trunk/unit-shares.ts';

/** The labels of one task, as they are read off several trunks. */
export interface ProbedTask {
  readonly task: string;
  /** What is read, such as `its classes`. */
  readonly labels: string;
  readonly trunks: readonly { readonly name: string; readonly depths: readonly DepthProbe[] }[];
}

/** Two trunks that are given the same examples of a task. */
export interface ComparedTrunks extends TrunkSimilarity {
  readonly task: string;
  readonly first: string;
  readonly second: string;
}

/** One example, and what the training examples of a task did to it. */
export interface TracedInfluence extends TrainingInfluence {
  /** What the example is called. */
  readonly example: string;
  readonly display?: Display;
  /** What a person is shown of some of the training examples, by their names: the first and the last. */
  readonly displays: Readonly<Record<string, { readonly label: string; readonly display?: Display }>>;
}

/** What there is to say of a trunk and of what its tasks share of it, each beside its control. */
export interface TrunkExplanation {
  readonly probes: readonly ProbedTask[];
  readonly similarities: readonly ComparedTrunks[];
  /** Absent where there are no two tasks in a column with labels. */
  readonly units?: { readonly tasks: readonly string[]; readonly blocks: readonly BlockShares[] };
  /** One input each, explained by all tasks that read it. */
  readonly maps: readonly ExplainedExample[];
  readonly influences: readonly TracedInfluence[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** Gives it as JSON: examples by their names. */
export const trunkJson = ({ maps, influences, ...rest }: TrunkExplanation) => ({
  ...rest,
  maps: maps.map(attributionJson),
  influences: influences.map(({ of, on, example, common, alike, examples, displays }) => ({
    ...{ of, on, example, common },
    ...(alike === undefined ? {} : { alike }),
    examples: examples.map(({ name, influence, control }) => ({
      name,
      ...(displays[name] === undefined ? {} : { label: displays[name].label }),
      influence,
      control,
    })),
  })),
});
