import { z } from 'zod';
import { checkOptions, text, valueAt } from '../check.ts';
import { BanyanError } from '../error.ts';
import type { Bindings } from '../kind/index.ts';
import { show } from '../show.ts';
import type { Json } from '../task/contract.ts';
import { trunkKinds } from './kinds.ts';
import { sharingKinds } from './sharing/kinds.ts';
import type { Trunk } from './trunk.ts';

/**
 * Makes a trunk again from what it was saved as, its `config`: `kind` and options, and for one that is shared softly the kind and
 * options of the sharing, and `trunk`.
 * @param where names the data in an error.
 * @param bindings may hold kinds that plugins have bound.
 * @returns undefined for a kind that is not known here, also of a part.
 * @throws BanyanError `checkpoint` for data of a known kind that is not what such a trunk is saved as, `memory` for a trunk that
 * this process has no room for.
 */
export function trunkFromConfig(config: Json, where = 'A saved trunk', bindings?: Bindings): Trunk | undefined {
  try {
    return restore(config, bindings);
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    if (error.code === 'memory') throw tooLarge(where, config, error);
    throw error.code === 'argument' ? damaged(where, config, error) : error;
  }
}

/** What is saved beside the options of a sharing. */
const SHARED = { trunk: z.looseObject({ kind: text }, 'what the trunk was saved as') };

function restore(config: unknown, bindings?: Bindings): Trunk | undefined {
  if (typeof config !== 'object' || config === null) return undefined;
  if (sharingKinds.has((config as { readonly kind?: unknown }).kind, bindings)) {
    const { trunk: shared, ...sharing } = checkOptions('sharing', sharingKinds.schema(bindings, SHARED), config);
    const trunk = restore(shared, bindings);
    return trunk && sharingKinds.build(sharing, bindings)(trunk);
  }
  const { error } = trunkKinds.schema(bindings).safeParse(config);
  // Here or in a part of it: only whoever made a kind of their own can make it again.
  const isUnknown = error?.issues.some(
    ({ path }) => path.at(-1) === 'kind' && typeof valueAt(config, path) === 'string',
  );
  return isUnknown ? undefined : trunkKinds.build(config, bindings);
}

const damaged = (where: string, config: Json, cause: Error) =>
  new BanyanError(
    'checkpoint',
    `${where} is ${show(config)}, which no trunk is saved as. Expected what \`config\` of such a trunk is. Use another copy, or another checkpoint.`,
    { cause },
  );

const tooLarge = (where: string, config: Json, cause: Error) =>
  new BanyanError(
    'memory',
    `${where} is ${show(config)}, whose weights need more memory than this process can have. Use another copy, another checkpoint, or a machine with more memory.`,
    { cause },
  );
