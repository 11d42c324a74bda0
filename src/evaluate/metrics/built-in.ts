// The built-in kinds of metric, a line each.
export { accuracyKind } from './accuracy.ts';
export { errorRateKind } from './error-rate.ts';
export { exactMatchKind } from './exact-match.ts';
export { macroF1Kind } from './macro-f1.ts';
export { meanAbsoluteErrorKind } from './mean-absolute-error.ts';
export { rmseKind } from './rmse.ts';
