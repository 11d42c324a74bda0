import { BanyanError, type Environment, type SeenObject } from 'banyan-ml';

/** Lists the objects. @throws BanyanError `argument` for an environment that does not. */
export function objectsOf(environment: Environment): readonly SeenObject[] {
  const objects = environment.objects?.();
  if (objects !== undefined && objects.length > 0) return objects;
  throw new BanyanError(
    'argument',
    `Relations need an environment that lists its objects, received one ${objects === undefined ? 'without a method objects()' : 'whose list is empty'}. Give it the method, and list first the one that acts.`,
  );
}

/** Names the place of the one that acts. */
export const placeOf = ([agent]: readonly SeenObject[]): string => `${agent!.row} ${agent!.column}`;
