import { z } from 'zod';
import { BanyanError } from '../error.ts';
import { show } from '../show.ts';
import type { Json } from '../task/contract.ts';
import { convTrunk } from './conv.ts';
import { denseTrunk } from './dense.ts';
import { branching, cgc, crossStitch, dselectK, mmoe, mtan, ple } from './sharing/index.ts';
import { stackedTrunk } from './stacked.ts';
import { transformerTrunk } from './transformer.ts';
import type { Trunk } from './trunk.ts';

// As many as an array can have.
const count = z
  .int()
  .min(1)
  .max(2 ** 31);
const size = { width: count, depth: count, dropout: z.number().min(0).lt(1) };
const part = z.record(z.string(), z.unknown());
const experts = { shared: count, own: count };

/** What the built-in kinds of trunks are saved as. */
const schema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('transformer'), ...size, heads: count }),
  z.strictObject({ kind: z.literal('separable-conv'), ...size, kernel: count }),
  z.strictObject({ kind: z.literal('dense'), ...size }),
  z.strictObject({ kind: z.literal('stacked'), parts: z.array(part).min(1).max(10_000) }),
  z.strictObject({ kind: z.literal('cross-stitch'), trunk: part }),
  z.strictObject({ kind: z.literal('mmoe'), experts: count, trunk: part }),
  z.strictObject({ kind: z.literal('cgc'), ...experts, trunk: part }),
  z.strictObject({ kind: z.literal('ple'), ...experts, trunk: part }),
  z.strictObject({ kind: z.literal('mtan'), trunk: part }),
  z.strictObject({ kind: z.literal('dselect-k'), experts: count, selected: count, trunk: part }),
  z.strictObject({ kind: z.literal('branching'), branches: count, trunk: part }),
]);

const SHARED = { 'cross-stitch': crossStitch, mmoe, cgc, ple, mtan, 'dselect-k': dselectK, branching } as const;

const KINDS: ReadonlySet<unknown> = new Set(schema.options.map(({ shape }) => shape.kind.value));

/**
 * The built-in trunk that was saved as this data; undefined for a user's own kind, also of a part. `where` names the data.
 * @throws BanyanError `checkpoint` for data of a built-in kind that is not what such a trunk is saved as, `memory` for a trunk that
 * this process has no room for.
 */
export function trunkFromConfig(config: Json, where = 'A saved trunk'): Trunk | undefined {
  const { kind } = (config ?? {}) as { readonly kind?: unknown };
  if (!KINDS.has(kind)) return undefined;
  const saved = schema.safeParse(config);
  if (!saved.success) throw damaged(where, config, saved.error);
  try {
    return build(saved.data, where);
  } catch (error) {
    if (!(error instanceof BanyanError)) throw error;
    if (error.code === 'memory') throw tooLarge(where, config, error);
    // Numbers that do not go together, as a user may give them too.
    throw error.code === 'argument' ? damaged(where, config, error) : error;
  }
}

function build(saved: z.infer<typeof schema>, where: string): Trunk | undefined {
  if (saved.kind === 'transformer') return transformerTrunk(saved);
  if (saved.kind === 'separable-conv') return convTrunk(saved);
  if (saved.kind === 'dense') return denseTrunk(saved);
  if (saved.kind === 'stacked') {
    const parts = saved.parts.map((config) => trunkFromConfig(config as Json, where));
    return parts.includes(undefined) ? undefined : stackedTrunk(...(parts as Trunk[]));
  }
  const { kind, trunk: config, ...options } = saved;
  const trunk = trunkFromConfig(config as Json, where);
  return trunk && (SHARED[kind] as (trunk: Trunk, options: object) => Trunk)(trunk, options);
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
