import { type AnyNetwork, internals, outputsOf, pickTarget } from '../../network/index.ts';
import type { Source } from '../../task/source.ts';
import type { AnyTask } from '../../task/task.ts';
import type { Taught } from './head.ts';

/** What a student learns of an example, by task. */
export type TaughtTargets = Readonly<Record<string, Taught>>;

/**
 * The same examples, each with what a teacher makes of it for every one of the tasks that read this source; also those without a label. They are
 * read in step with the updates, since the teacher computes on the same device.
 */
export function taughtSource(
  teacher: AnyNetwork,
  source: Source<unknown, unknown>,
  tasks: readonly AnyTask[],
): Source<unknown, TaughtTargets> {
  const { body, lease } = internals(teacher);
  const { facts } = source;
  return {
    ...(facts === undefined ? {} : { facts }),
    get counts() {
      return source.counts;
    },
    lockStep: true,
    async read(split, indices, context) {
      const examples = await source.read(split, indices, context);
      const inputs = examples.map(({ input }) => input);
      const outputs = await lease.use(async () => {
        const all = [];
        for (const { name } of tasks) all.push(await outputsOf(body, body.task(name), inputs));
        return all;
      });
      return examples.map(({ input, target }, i) => {
        const taught = tasks.map((task, t): [string, Taught] => [
          task.name,
          { label: pickTarget(task, target, `${split} example ${indices[i]}`), output: outputs[t]![i]! },
        ]);
        return { input, target: Object.fromEntries(taught) };
      });
    },
    ...(source.open && { open: () => source.open!() }),
    ...(source.strata && { strata: (split) => source.strata!(split) }),
    ...(source.demonstrate && { demonstrate: (index, context) => source.demonstrate!(index, context) }),
    ...(source.state && { state: () => source.state!() }),
    ...(source.restore && { restore: (state) => source.restore!(state) }),
  };
}
