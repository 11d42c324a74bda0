import type { z } from 'zod';
import { rankOf, symmetricEigen } from '../linear/eigen.ts';
import { dot } from '../linear/products.ts';
import type { GramMethod } from '../method.ts';
import { oneOf, optionsOf, vector } from '../options.ts';
import { PER_TASK, VECTORS } from './facts.ts';
import { preference } from './preference.ts';

const options = optionsOf('aligned-mtl', {
  prefVector: vector.optional(),
  scaleMode: oneOf('min', 'median', 'rmse').default('min'),
});

/**
 * Aligned components: gradients are turned and scaled into an orthogonal system of equal lengths, α = s V Λ^(-1/2) Vᵀ w
 * with G = V Λ Vᵀ (Senushkin et al. 2023, algorithm 1). The common length s is the least singular value (the paper),
 * the median (of an even number the smaller one) or the root of the mean square (TorchJD's additions). Eigenvalues
 * within rounding of 0 are left out. `prefVector` is w, by default 1/K.
 */
export const alignedMtl: GramMethod<z.infer<typeof options>> = {
  name: 'aligned-mtl',
  kind: 'aggregator',
  paper: 'Senushkin, Patakin, Kuznetsov, Konushin 2023, Independent Component Alignment for Multi-Task Learning, CVPR',
  options,
  needs: ['gram'],
  cost: PER_TASK,
  verified: `${VECTORS}, in all scale modes`,
  create({ prefVector, scaleMode }, tasks) {
    const preferences = preference('aligned-mtl', prefVector, tasks);
    return {
      weights({ gram, rounding, ...given }) {
        const wanted = preferences(given);
        const { values, vectors } = symmetricEigen(gram!);
        const kept = values.slice(0, rankOf(values, rounding));
        if (kept.length === 0) return wanted;
        const square = {
          min: () => kept.at(-1)!,
          median: () => kept.at(Math.floor(kept.length / 2))!,
          rmse: () => kept.reduce((sum, value) => sum + value, 0) / kept.length,
        }[scaleMode]();
        const weights = new Float64Array(wanted.length);
        kept.forEach((value, k) => {
          const share = Math.sqrt(square / value) * dot(vectors[k]!, wanted);
          vectors[k]!.forEach((element, i) => {
            weights[i]! += share * element;
          });
        });
        return weights;
      },
    };
  },
};
