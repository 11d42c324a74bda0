import type { Settings } from '../../../experiment/settings.ts';
import { experimentWith, type SearchContext } from '../context.ts';
import type { StoredTrial } from '../optuna/store.ts';
import { searchPaths } from '../paths.ts';
import { settingsOf } from '../space.ts';
import { segmentName } from './plan.ts';

/** What all runs of a population share. */
export interface PopulationContext extends SearchContext {
  readonly members: number;
  readonly generations: number;
  /** Steps from one measurement to the next. */
  readonly every: number;
}

/** What a segment came to. */
export interface SegmentOutcome {
  readonly kind: 'segment';
  readonly generation: number;
  readonly member: number;
  /** The member whose network it began with, as that was after the generation before; absent in the first one. */
  readonly parent?: number;
  readonly settings: Settings;
  /** The steps that its network has made, those of its parents among them. */
  readonly steps: number;
  readonly seconds: number;
  readonly state: 'complete' | 'failed';
  /** The objective; absent where it failed. */
  readonly value?: number;
  /** Why it failed. */
  readonly message?: string;
}

/** Lists what segments came to, in their order: by generation, then by member. */
export function segmentsOf(
  { data, every }: Pick<PopulationContext, 'data' | 'every'>,
  trials: readonly StoredTrial[],
): readonly SegmentOutcome[] {
  return trials
    .flatMap(({ state, notes, params, values }): readonly SegmentOutcome[] => {
      const { segment, message, seconds = 0 } = notes;
      const failed = state === 'FAIL' && message !== undefined;
      if (segment === undefined || !(failed || state === 'COMPLETE')) return [];
      const { generation, member, parent } = segment;
      return [
        {
          kind: 'segment',
          generation,
          member,
          ...(parent === null ? {} : { parent }),
          settings: settingsOf(data.space, params),
          steps: (generation + 1) * every,
          seconds,
          ...(failed ? { state: 'failed', message } : { state: 'complete', value: values![0]! }),
        },
      ];
    })
    .sort((a, b) => a.generation - b.generation || a.member - b.member);
}

/** The folder of a segment. */
export const segmentFolder = ({ folder }: PopulationContext, generation: number, member: number): string =>
  searchPaths(folder).run(segmentName(generation, member));

/** Makes the experiment of one training of a population, which is saved as it goes. */
export function memberExperiment({ loaded }: PopulationContext, name: string, settings: Settings) {
  const { experiment, ...rest } = experimentWith(loaded, name, settings);
  const { checkpoint, ...training } = experiment.training;
  const saved = checkpoint === false || checkpoint === undefined ? {} : { checkpoint };
  return { ...rest, experiment: { ...experiment, training: { ...training, ...saved } } };
}
