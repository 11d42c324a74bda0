export { accuracy } from './accuracy.ts';
export { confusionMatrix } from './confusion-matrix.ts';
export { macroF1 } from './macro-f1.ts';
export { rmse } from './rmse.ts';
