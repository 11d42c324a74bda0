import type { StudyRun } from '../../study.ts';
import type { AskedSearch } from '../context.ts';

/** One training of a population: a part of a member's, which some worker has ended, or one to compare with. */
export interface PopulationRun extends StudyRun {
  /**
   * `alone`: a task by itself, to compare with; `segment`: a member from one measurement to the next; `winner`: what the best member's
   * settings were on its way, again.
   */
  readonly kind: 'alone' | 'segment' | 'winner';
  /** The task that is trained alone. */
  readonly alone?: string;
  /** Of a segment its generation and its member, both from 0. */
  readonly generation?: number;
  readonly member?: number;
  /** The seed of a winner's training. */
  readonly seed?: number;
}

/** Plans the runs of a population: the tasks alone, each generation of segments, and the winner on seeds that no member had. */
export function planPopulation(
  seed: number,
  { population = 0, seeds }: Pick<AskedSearch, 'population' | 'seeds'>,
  generations: number,
  baselines: readonly string[],
): readonly PopulationRun[] {
  const range = (length: number) => Array.from({ length }, (_, i) => i);
  return [
    ...baselines.map((alone) => ({ name: `alone-${alone}`, title: `${alone} alone`, kind: 'alone' as const, alone })),
    ...range(generations).flatMap((generation) =>
      range(population).map((member) => {
        const name = segmentName(generation, member);
        // A segment that fails takes no other with it.
        return { name, title: `member ${member}`, kind: 'segment' as const, generation, member, group: name };
      }),
    ),
    ...range(seeds).map((i) => ({
      name: `winner-seed-${seed + 1 + i}`,
      title: `the winner's way with seed ${seed + 1 + i}`,
      kind: 'winner' as const,
      seed: seed + 1 + i,
    })),
  ];
}

/** Names the folder of a segment. */
export const segmentName = (generation: number, member: number): string => `generation-${generation}-member-${member}`;
