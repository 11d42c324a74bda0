import { BanyanError } from '../../error.ts';
import type { Json } from '../../task/contract.ts';
import type { Trunk } from '../trunk.ts';
import type { Sharing } from './sharing.ts';

/** Makes a trunk of the same blocks that its tasks share in another way. */
export type ShareTrunk = (trunk: Trunk) => Trunk;

/**
 * Makes a trunk of the same blocks that its tasks share in another way; all of them share its decoder. The error begins with `name`, that of the function that is called.
 * @throws BanyanError `argument` for a trunk that is shared softly already.
 */
export function shareSoftly(
  name: string,
  trunk: Trunk,
  options: Readonly<Record<string, Json>>,
  sharing: Sharing,
): Trunk {
  if (trunk.sharing !== undefined) {
    throw new BanyanError(
      'argument',
      `${name}: expected a trunk whose tasks all go through the same blocks, received one that is shared by ${trunk.sharing.kind} already. Give the trunk that it was made of.`,
    );
  }
  const { kind, width, depth } = trunk;
  return {
    kind,
    width,
    depth,
    config: { kind: sharing.kind, ...options, trunk: trunk.config },
    // Not copied by their keys: a trunk may be an object of a class.
    block: (context, index) => trunk.block(context, index),
    ...(trunk.finish === undefined ? {} : { finish: (context) => trunk.finish!(context) }),
    ...(trunk.decoder === undefined ? {} : { decoder: trunk.decoder }),
    sharing,
  };
}
