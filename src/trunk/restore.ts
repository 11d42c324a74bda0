import type { Json } from '../task/contract.ts';
import { convTrunk } from './conv.ts';
import { denseTrunk } from './dense.ts';
import { mmoe } from './sharing/index.ts';
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
    /** What a softly shared trunk was made of. */
    readonly trunk: Json;
    readonly experts: number;
  };
  const again = (share: (trunk: Trunk) => Trunk) => {
    const trunk = trunkFromConfig(options.trunk);
    return trunk && share(trunk);
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
    case 'mmoe':
      return again((trunk) => mmoe(trunk, options));
    default:
      return undefined;
  }
}
