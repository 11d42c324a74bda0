import { type AgainRow, againRow } from '../result.ts';
import { type PopulationContext, type SegmentOutcome, segmentFolder } from './context.ts';
import { wayOfBest } from './winner.ts';

/** The best member of the last generation. */
export interface PopulationWinner {
  readonly member: number;
  readonly value: number;
  /** The segments that its network went through, from the first on: their settings are what it was trained by. */
  readonly way: readonly SegmentOutcome[];
  /** A folder with its network, as of a run that was interrupted at its last step. */
  readonly folder: string;
  /** What the same settings on the same way reach with other seeds; absent while that was not measured. */
  readonly again?: AgainRow;
}

/** What a population came to. */
export interface PopulationResult {
  readonly name: string;
  readonly objective: { readonly name: string; readonly higherIsBetter: boolean };
  readonly members: number;
  readonly generations: number;
  /** Steps from one measurement to the next. */
  readonly every: number;
  /** By generation, then by member. */
  readonly segments: readonly SegmentOutcome[];
  readonly winner: PopulationWinner;
  readonly findings: readonly string[];
}

/** Says whether a segment began with the network of another member. */
export const isCopy = ({ member, parent }: SegmentOutcome): boolean => parent !== undefined && parent !== member;

/** Sums a population up. `again` has the objective of the winner's way with each other seed. */
export function summarisePopulation(
  context: PopulationContext,
  segments: readonly SegmentOutcome[],
  again: readonly number[],
): PopulationResult {
  const { loaded, objectives, members, generations, every } = context;
  const way = wayOfBest(context, segments);
  const { generation, member, value } = way.at(-1)!;
  const winner: PopulationWinner = {
    member,
    value: value!,
    way,
    folder: segmentFolder(context, generation, member),
    ...(again.length === 0 ? {} : { again: againRow(again) }),
  };
  const objective = objectives.list[0]!;
  return {
    name: loaded.experiment.name,
    objective,
    members,
    generations,
    every,
    segments,
    winner,
    findings: findingsOf(objective, segments, winner, { members, generations, every }),
  };
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));

/** Says in sentences what was found, and how much of it was luck. */
function findingsOf(
  { name, higherIsBetter }: PopulationResult['objective'],
  segments: readonly SegmentOutcome[],
  { member, value, way, again }: PopulationWinner,
  { members, generations, every }: Pick<PopulationResult, 'members' | 'generations' | 'every'>,
): readonly string[] {
  const copies = segments.filter(isCopy).length;
  const failed = segments.filter(({ state }) => state === 'failed').length;
  const counts = [
    `${members} members of ${generations * every} steps`,
    `${copies} ${copies === 1 ? 'time' : 'times'} one went on with the network of another`,
    ...(failed > 0 ? [`${failed} ${failed === 1 ? 'part' : 'parts'} failed`] : []),
  ];
  const ancestors = new Set(way.map((segment) => segment.member)).size;
  const best = `The best is member ${member}, ${name} ${figure(value)}; its network went through ${ancestors} ${ancestors === 1 ? 'member' : 'members'}.`;
  if (again === undefined) return [`${counts.join(', ')}. ${best}`];
  const { mean, low, high, values } = again;
  const interval = low === undefined ? '' : ` [${figure(low)}, ${figure(high!)}]`;
  const lucky = low !== undefined && (higherIsBetter ? value > high! : value < low);
  const luck = lucky ? `: ${figure(Math.abs(value - mean))} of it was luck` : '';
  return [
    `${counts.join(', ')}. ${best}`,
    `${name}: ${figure(value)} in the search, ${figure(mean)}${interval} by the same settings on ${values.length} other ${values.length === 1 ? 'seed' : 'seeds'}${luck}.`,
  ];
}
