import { ContainerModule } from 'inversify';
import type { AnyTask } from './task.ts';
import { TASK } from './tokens.ts';

/** Makes a plugin that brings these tasks: an inversify module which binds each as `TASK`. */
export function taskPlugin(...tasks: readonly AnyTask[]): ContainerModule {
  return new ContainerModule(({ bind }) => {
    for (const task of tasks) bind(TASK).toConstantValue(task);
  });
}
