import type { Json } from '../task/contract.ts';
import { convTrunk } from './conv.ts';
import { denseTrunk } from './dense.ts';
import { branching, cgc, crossStitch, dselectK, mmoe, mtan, ple } from './sharing/index.ts';
import { stackedTrunk } from './stacked.ts';
import { transformerTrunk } from './transformer.ts';
import type { Trunk } from './trunk.ts';

/** The built-in trunk that was saved as this data; undefined for a user's own kind. */
export function trunkFromConfig(config: Json): Trunk | undefined {
  const options = config as {
    readonly kind: string;
    readonly width: number;
    readonly depth: number;
    readonly heads: number;
    readonly parts: readonly Json[];
  };
  switch (options.kind) {
    case 'transformer':
      return transformerTrunk(options);
    case 'separable-conv':
      return convTrunk(options);
    case 'dense':
      return denseTrunk(options);
    case 'stacked': {
      const parts = options.parts.map(trunkFromConfig);
      return parts.includes(undefined) ? undefined : stackedTrunk(...(parts as Trunk[]));
    }
    default:
      return restoreShared(config);
  }
}

type Share = (trunk: Trunk, options: object) => Trunk;

const SHARED: Readonly<Record<string, Share>> = {
  'cross-stitch': crossStitch,
  mmoe,
  cgc,
  ple,
  mtan,
  'dselect-k': dselectK,
  branching,
};

/** One that tasks share softly: its options stand beside the trunk that it was made of. */
function restoreShared(config: Json): Trunk | undefined {
  const { kind, trunk: inner, ...options } = config as { readonly kind: string; readonly trunk?: Json };
  const share = SHARED[kind];
  const trunk = share === undefined || inner === undefined ? undefined : trunkFromConfig(inner);
  return trunk && share!(trunk, options);
}
