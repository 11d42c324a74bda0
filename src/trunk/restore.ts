import type { Json } from '../task/contract.ts';
import { convTrunk } from './conv.ts';
import { denseTrunk } from './dense.ts';
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
      return undefined;
  }
}
