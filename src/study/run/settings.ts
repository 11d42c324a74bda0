import type { CheckedExperiment } from '../../experiment/load.ts';

type Setting = string | number | boolean;

/** Says what a run is made with as names and values, such as `training.optimizer.kind`: what logs show beside its curves. */
export function settingsOf({ seed, trunk, tasks, training }: CheckedExperiment): Readonly<Record<string, Setting>> {
  return Object.fromEntries([
    ['seed', seed],
    ...flat('trunk', trunk),
    ...flat('tasks', tasks),
    ...flat('training', training),
  ]);
}

function flat(name: string, value: unknown): readonly (readonly [name: string, value: Setting])[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, part]) => flat(`${name}.${key}`, part));
  return ['string', 'number', 'boolean'].includes(typeof value) ? [[name, value as Setting]] : [];
}
