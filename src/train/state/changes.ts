import type { Json } from '../../task/contract.ts';
import type { Settings } from './record.ts';

type Kept = Readonly<Record<string, Json>>;

/** What of a task may change from step to step: how much it weighs, and how far its own weights go. */
const OF_TASKS = ['weight', 'learningRate'];

/**
 * Takes out of a checkpoint's settings what a training may go on with otherwise: how far a step goes and by what. Those are the numbers of
 * the same optimiser and the same schedule, the clipping, and weights and rates of the tasks.
 */
export function withChanges(saved: Settings, now: Settings): Settings {
  const { tasks: before, clip: _, ...others } = saved;
  return {
    ...others,
    ...(now.clip === undefined ? {} : { clip: now.clip }),
    tasks: (before as Kept[]).map((task, i) => ({ ...task, ...pick((now.tasks as Kept[])[i] ?? {}, OF_TASKS) })),
    optimizer: ofOneKind(saved.optimizer, now.optimizer),
    schedule: ofOneKind(saved.schedule, now.schedule),
  };
}

const pick = (from: Kept, names: readonly string[]): Kept =>
  Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));

/** What it is now where it is of the kind that it was. */
function ofOneKind(before: Json | undefined, now: Json | undefined): Json {
  const kindOf = (config: Json | undefined) => (config as { readonly kind?: Json } | null | undefined)?.kind;
  return (kindOf(before) !== undefined && kindOf(before) === kindOf(now) ? now : before)!;
}
