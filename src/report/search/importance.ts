import type { TopLevelSpec } from 'vega-lite';

/** It is the share of one setting in what an objective varies. */
export interface ImportanceBar {
  readonly name: string;
  /** From 0 to 1. */
  readonly share: number;
}

/** Draws how much each setting matters for an objective, the most first. */
export function importanceSpec(title: string, bars: readonly ImportanceBar[]): TopLevelSpec {
  const values = [...bars]
    .sort((a, b) => b.share - a.share)
    .map((bar) => ({ ...bar, label: `${Math.round(100 * bar.share)} %` }));
  const y = { field: 'name', type: 'nominal', sort: null, axis: { title: null, labelLimit: 480 } } as const;
  const x = {
    field: 'share',
    type: 'quantitative',
    scale: { domain: [0, 1] as number[] },
    axis: { title: 'share of the variance', format: '.0%', tickCount: 5 },
  } as const;
  return {
    title,
    width: 360,
    height: { step: 24 },
    data: { values },
    layer: [
      { mark: { type: 'bar', color: '#4c78a8' }, encoding: { y, x } },
      {
        mark: { type: 'text', align: 'left', dx: 5, fontSize: 12 },
        encoding: { y, x, text: { field: 'label' } },
      },
    ],
  };
}
