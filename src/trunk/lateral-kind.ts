/**
 * How earlier columns come into a column's blocks. `nonlinear`: Rusu et al. 2016, equation 2, through an adapter of one
 * hidden layer. `linear`: equation 1, through one matrix each. `none`: not at all.
 */
export type LateralKind = 'nonlinear' | 'linear' | 'none';

export const LATERAL_KINDS = ['nonlinear', 'linear', 'none'] as const satisfies readonly LateralKind[];
