import { rm } from 'node:fs/promises';
import { BanyanError } from '../../../error.ts';
import { makeFolder } from '../../run/folder.ts';
import { runPaths } from '../../run/paths.ts';
import type { Ending, RunControl } from '../../study.ts';
import { whenFree } from '../locked.ts';
import { searchPaths } from '../paths.ts';
import { effortOf, readValidated, writeValidated } from '../train-validated.ts';
import { memberExperiment, type PopulationContext, type SegmentOutcome, segmentsOf } from './context.ts';
import type { PopulationRun } from './plan.ts';
import { reachedStep, trainUntil } from './train-until.ts';

type WinnerOutcome = { readonly kind: 'winner'; readonly values: readonly number[] };

/**
 * The way of the best member of the last generation: the segments that its network went through, from the first on.
 * @throws BanyanError `experiment` where all of the last generation have failed.
 */
export function wayOfBest(
  { members, generations, objectives }: Pick<PopulationContext, 'members' | 'generations' | 'objectives'>,
  segments: readonly SegmentOutcome[],
): readonly SegmentOutcome[] {
  const sign = objectives.list[0]!.higherIsBetter ? 1 : -1;
  const last = segments.filter(({ generation, value }) => generation === generations - 1 && value !== undefined);
  const [best] = [...last].sort((a, b) => sign * (b.value! - a.value!) || a.member - b.member);
  if (best === undefined) {
    throw new BanyanError(
      'experiment',
      `No member of the population has reached its end, expected at least one. The first failure: ${segments.find(({ message }) => message !== undefined)?.message ?? 'none'}`,
    );
  }
  const way = [best];
  while (way[0]!.generation > 0) way.unshift(segments[(way[0]!.generation - 1) * members + way[0]!.parent!]!);
  return way;
}

/** Reads what the winner's way reached with another seed; undefined where that is still to be trained. */
export async function readWinner(
  context: PopulationContext,
  run: PopulationRun,
): Promise<Ending<WinnerOutcome> | undefined> {
  const validated = await readValidated(searchPaths(context.folder).run(run.name));
  if (validated === undefined) return undefined;
  return {
    kind: 'done',
    outcome: { kind: 'winner', values: context.objectives.valuesOf(validated.metrics, context.alone) },
  };
}

/** Trains with another seed by the settings that the winner had on its way, each from its step on. */
export async function performWinner(
  context: PopulationContext,
  run: PopulationRun,
  { signal }: RunControl,
): Promise<Ending<WinnerOutcome>> {
  const folder = searchPaths(context.folder).run(run.name);
  const way = wayOfBest(context, segmentsOf(context, await context.store.trials()));
  await makeFolder(folder);
  await whenFree(folder, signal, async () => {
    if ((await readValidated(folder)) !== undefined) return;
    for (const { steps, settings } of way) {
      if ((await reachedStep(folder)) >= steps && steps < way.at(-1)!.steps) continue;
      const experiment = memberExperiment(context, run.name, { ...settings, seed: run.seed });
      const metrics = await trainUntil(folder, experiment, { until: steps }, signal);
      if (steps === way.at(-1)!.steps) await writeValidated(folder, { metrics, ...effortOf(folder) });
    }
    // A training that has ended needs none.
    await rm(runPaths(folder).checkpoints, { recursive: true, force: true });
  });
  return (await readWinner(context, run))!;
}
