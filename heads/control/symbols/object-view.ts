import type { Environment, EnvironmentFactory } from 'banyan-ml';
import { BanyanError } from 'banyan-ml';
import { OBJECT_NUMBERS } from '../object-numbers.ts';
import { objectsOf } from './seen.ts';

/**
 * Makes environments whose observation is their list of objects, `[most, 3]`, as `objectStem` takes it: `rollouts` and `replay` then
 * learn from objects as well.
 * @throws BanyanError `argument` for an environment that does not list its objects; `shape`, while it is observed, for more than `most`.
 */
export const objectView =
  (make: EnvironmentFactory, most: number): EnvironmentFactory =>
  () => {
    const world = make();
    const view: Pick<Environment, 'observationShape' | 'observe'> = {
      observationShape: [most, OBJECT_NUMBERS],
      observe: (into, at = 0) => {
        const objects = objectsOf(world);
        if (objects.length > most) {
          throw new BanyanError(
            'shape',
            `objectView: expected at most ${most} objects, received ${objects.length}. Set it to the most that there can be.`,
          );
        }
        const [agent] = objects;
        into.fill(0, at, at + most * OBJECT_NUMBERS);
        for (const [i, { type, row, column }] of objects.entries())
          into.set([type + 1, row - agent!.row, column - agent!.column], at + i * OBJECT_NUMBERS);
      },
    };
    return new Proxy(world, {
      get: (_, name) => {
        const value = Reflect.get(name in view ? view : world, name);
        // Private members of a class belong to the world itself.
        return typeof value === 'function' ? value.bind(world) : value;
      },
    });
  };
