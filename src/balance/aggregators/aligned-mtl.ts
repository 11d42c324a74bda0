import { finite, oneOf } from '../../check.ts';
import { gramMethod } from '../define.ts';
import { rankOf, symmetricEigen } from '../linear/eigen.ts';
import { dot } from '../linear/products.ts';
import { perTask } from '../options.ts';
import { GRADIENT_PER_TASK, VECTORS } from './facts.ts';
import { preference } from './preference.ts';

/**
 * Aligned components: gradients are turned and scaled into an orthogonal system of equal lengths, α = s V Λ^(-1/2) Vᵀ w
 * with G = V Λ Vᵀ (Senushkin et al. 2023, algorithm 1). The common length s is the least singular value (the paper),
 * the median (of an even number the smaller one) or the root of the mean square (TorchJD's additions). Eigenvalues
 * within rounding of 0 are left out. `prefVector` is w, by default 1/K.
 */
export const alignedMtl = gramMethod({
  kind: 'aligned-mtl',
  about: 'Turns and scales the gradients into an orthogonal system of equal lengths, and sums them there.',
  balances: 'gradients',
  paper: 'Senushkin, Patakin, Kuznetsov, Konushin 2023, Independent Component Alignment for Multi-Task Learning, CVPR',
  needs: ['gram'],
  properties: ['permutation-invariant', 'homogeneous'],
  cost: GRADIENT_PER_TASK,
  verified: `${VECTORS}, in all scale modes`,
  options: {
    prefVector: perTask(finite).describe('w: how much each gradient counts; default 1/K each'),
    scaleMode: oneOf('min', 'median', 'rmse')
      .default('min')
      .describe('the common length: the least singular value, the median, or the root of the mean square'),
  },
  create({ prefVector, scaleMode }, tasks) {
    const preferencesOf = preference('aligned-mtl', prefVector, tasks);
    return {
      weights({ gram, rounding, ...statistics }) {
        const preferences = preferencesOf(statistics);
        const { values, vectors } = symmetricEigen(gram!);
        const eigenvalues = values.slice(0, rankOf(values, rounding));
        if (eigenvalues.length === 0) return preferences;
        const square = {
          min: () => eigenvalues.at(-1)!,
          median: () => eigenvalues.at(Math.floor(eigenvalues.length / 2))!,
          rmse: () => eigenvalues.reduce((sum, value) => sum + value, 0) / eigenvalues.length,
        }[scaleMode]();
        const weights = new Float64Array(preferences.length);
        eigenvalues.forEach((value, k) => {
          const share = Math.sqrt(square / value) * dot(vectors[k]!, preferences);
          vectors[k]!.forEach((element, i) => {
            weights[i]! += share * element;
          });
        });
        return weights;
      },
    };
  },
});
