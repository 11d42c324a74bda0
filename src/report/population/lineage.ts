import type { TopLevelSpec } from 'vega-lite';

/** A part of the training of one member of a population. */
export interface LineagePart {
  readonly member: number;
  /** The steps from which and to which it goes. */
  readonly from: number;
  readonly to: number;
  /** The member whose network it begins with; absent at the beginning. */
  readonly parent?: number;
  /** How good it is among those of its generation, from 0 to 1: its colour; absent for one that failed. */
  readonly good?: number;
  /** Whether the best network went through it. */
  readonly marked: boolean;
}

/** The room in which a network goes over from one member to another, in parts of a generation. */
const TURN = 0.3;

/** Draws where the networks of a population come from: a row a member, a line over to whoever took a network over, the best one's way thick. */
export function lineageSpec(title: string, parts: readonly LineagePart[]): TopLevelSpec {
  const x = (field: string) =>
    ({
      field,
      type: 'quantitative',
      axis: { title: 'step', grid: false, tickCount: 6 },
      scale: { nice: false },
    }) as const;
  const y = (field: string) =>
    ({
      field,
      type: 'ordinal',
      axis: { title: 'member', domain: false, ticks: false, grid: true, gridOpacity: 0.3 },
    }) as const;
  const color = {
    field: 'good',
    type: 'quantitative',
    scale: { domain: [0, 1], range: ['#d9a066', '#8fa3b8', '#1f4e8c'], interpolate: 'lab' },
    legend: null,
  } as const;
  const lines = parts.flatMap(({ member, from, to, parent, good, marked }) => {
    if (good === undefined) return [];
    const copied = parent !== undefined && parent !== member;
    const turn = copied ? from + TURN * (to - from) : from;
    const look = { good, width: marked ? 4 : 1.6, opacity: marked ? 1 : 0.7 };
    return [
      ...(copied ? [{ from, to: turn, row: parent, end: member, ...look }] : []),
      { from: turn, to, row: member, end: member, ...look },
    ];
  });
  const failed = parts.filter(({ good }) => good === undefined).map(({ member, to }) => ({ to, row: member }));
  return {
    title,
    width: 560,
    height: { step: 26 },
    layer: [
      {
        data: { values: lines },
        mark: { type: 'rule', strokeCap: 'round' },
        encoding: {
          x: x('from'),
          x2: { field: 'to' },
          y: y('row'),
          y2: { field: 'end' },
          color,
          size: { field: 'width', type: 'quantitative', scale: null },
          opacity: { field: 'opacity', type: 'quantitative', scale: null },
        },
      },
      {
        data: { values: failed },
        mark: { type: 'point', shape: 'M-1,-1L1,1M1,-1L-1,1', size: 50, strokeWidth: 2, color: '#c0392b' },
        encoding: { x: x('to'), y: y('row') },
      },
    ],
  } as TopLevelSpec;
}
