import { BanyanError } from '../../error.ts';
import type { Head, Metric } from '../../task/contract.ts';
import type { AnyTask } from '../../task/task.ts';

/**
 * Makes what a task is measured by: the metrics of its head, and after them its own.
 * @throws BanyanError `argument` for two of one name.
 */
export function metricsOf(
  { name: task, metrics: makers = [] }: AnyTask,
  head: Head<unknown, unknown>,
): readonly Metric[] {
  const metrics = [...head.metrics, ...makers.map((make) => make())];
  const names = metrics.map(({ name }) => name);
  const twice = names.find((name, i) => i >= head.metrics.length && names.indexOf(name) < i);
  if (twice === undefined) return metrics;
  throw new BanyanError(
    'argument',
    `Task "${task}": two of its metrics are named "${twice}", expected each name once: its head has ${names.slice(0, head.metrics.length).join(', ') || 'none'}. Leave it out of the task's \`metrics\`.`,
  );
}
