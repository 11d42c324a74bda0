import { showBytes } from '../../show.ts';
import { FORMS, type Form, ROUTES, type SizePoint, type TaskPoint } from './point.ts';

/** A network on the curve. */
export interface SmallerRow extends Omit<SizePoint, 'setting'> {
  readonly name: string;
}

/** What networks of several sizes reach. */
export interface SmallerResult {
  /** The name of the run that the others were made from. */
  readonly name: string;
  /** The original first, then pruned and distilled ones, the largest first. */
  readonly networks: readonly SmallerRow[];
  readonly findings: readonly string[];
}

/** A part of its metric that a task may lose: a point of a hundred, as in `exportNetwork`. */
const MAY_LOSE = 0.01;

/** Sums up what was measured, by the networks' names. */
export function summariseSizes(name: string, points: ReadonlyMap<string, SizePoint>): SmallerResult {
  const networks = [...points]
    .map(([network, { setting: _, ...point }]): SmallerRow => ({ name: network, ...point }))
    .sort(
      (a, b) =>
        ROUTES.indexOf(a.route) - ROUTES.indexOf(b.route) || b.parameters - a.parameters || (a.name < b.name ? -1 : 1),
    );
  return { name, networks, findings: findingsOf(networks) };
}

/** How much of the original's metric a task has lost, as a part of it; below 0 it has won. */
export function lossOf(before: TaskPoint, after: TaskPoint, form: Form): number {
  const [was, is] = [before.values.float32, after.values[form]];
  return (before.higherIsBetter ? was - is : is - was) / Math.abs(was);
}

function findingsOf([original, ...others]: readonly SmallerRow[]): readonly string[] {
  const tasks = Object.keys(original!.tasks);
  const stored = [original!, ...others].flatMap((network) => FORMS.map((form) => ({ network, form })));
  const worst = ({ network, form }: (typeof stored)[number]) =>
    Math.max(
      // A task that a network does not have is lost whole; what is no number is lost too.
      ...tasks.map((task) => {
        const after = network.tasks[task];
        const lost = after === undefined ? 1 : lossOf(original!.tasks[task]!, after, form);
        return Number.isNaN(lost) ? 1 : lost;
      }),
    );
  const whole = original!.bytes.float32;
  const smallest = stored
    .filter((each) => worst(each) <= MAY_LOSE)
    .sort((a, b) => a.network.bytes[a.form] - b.network.bytes[b.form])[0];
  if (smallest === undefined || (smallest.network === original && smallest.form === 'float32'))
    return ['No smaller network keeps each task within a hundredth of its metric.'];
  const { network, form } = smallest;
  const bytes = network.bytes[form];
  return [
    `The smallest that keeps each task within a hundredth of its metric: ${network.name} as ${form}, ${showBytes(bytes)}, ${((100 * bytes) / whole).toFixed(1)} % of the original's ${showBytes(whole)}.`,
  ];
}
