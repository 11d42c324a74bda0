import type { TopLevelSpec } from 'vega-lite';
import type { RateCurve } from '../../train/index.ts';
import { page, type Section } from '../page.ts';
import { plot } from '../plot.ts';
import { boundsOf } from './bounds.ts';
import { endingText, proposalText } from './words.ts';

const ALL = 'all, weighted';

/** Makes an HTML document of a learning-rate range test: the losses over the rate, and what follows from them. */
export async function ratePage(title: string, curve: RateCurve): Promise<string> {
  const { rates, losses, total } = curve;
  const tasks = Object.entries(losses);
  const pictures = [
    await plot(rateSpec(tasks.length === 1 ? tasks[0]![0] : ALL, curve.rates, total, curve)),
    ...(tasks.length === 1
      ? []
      : await Promise.all(tasks.map(([name, values]) => plot(rateSpec(name, rates, values, curve))))),
  ];
  const section: Section = {
    title: 'How the loss goes with the learning rate',
    text: `${proposalText(curve)} ${endingText(curve)} The losses are smoothed.`,
    pictures,
  };
  return page(title, [section]);
}

/** Makes the specification of one curve; a line stands at the proposal. */
export function rateSpec(
  title: string,
  rates: readonly number[],
  losses: readonly number[],
  { found }: Pick<RateCurve, 'found'>,
): TopLevelSpec {
  const points = rates.map((rate, i) => ({ rate, loss: losses[i]! })).filter(({ loss }) => Number.isFinite(loss));
  const { least, most } = boundsOf(losses);
  const x = {
    field: 'rate',
    type: 'quantitative',
    scale: { type: 'log', nice: false },
    axis: { title: 'learning rate', grid: false, tickCount: 6, format: '~e' },
  } as const;
  const y = {
    field: 'loss',
    type: 'quantitative',
    scale: { domain: [least, most], zero: false, nice: true, clamp: true },
    axis: { title: null, tickCount: 5 },
  } as const;
  const rule = found === undefined ? [] : [{ rate: found.proposal }];
  return {
    title,
    width: 440,
    height: 200,
    layer: [
      { data: { values: points }, mark: { type: 'line', strokeWidth: 1.8 }, encoding: { x, y } },
      { data: { values: rule }, mark: { type: 'rule', opacity: 0.6, strokeDash: [4, 3] }, encoding: { x } },
    ],
    config: { rule: { color: 'currentColor' } },
  } as TopLevelSpec;
}
