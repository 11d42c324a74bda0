import type { GramMethod } from '../method.ts';
import { autoLambda } from './auto-lambda.ts';
import { dbMtl } from './db-mtl.ts';
import { dwa } from './dwa.ts';
import { equal } from './equal.ts';
import { excessMtl } from './excess-mtl.ts';
import { famo } from './famo.ts';
import { gls } from './gls.ts';
import { gradnorm } from './gradnorm.ts';
import { imtlL } from './imtl-l.ts';
import { rlw } from './rlw.ts';
import { fixed } from './static.ts';
import { stch } from './stch.ts';
import { uncertainty } from './uncertainty.ts';

/** All loss weightings. */
export const weightings: readonly GramMethod[] = [
  equal,
  fixed,
  uncertainty,
  dwa,
  gradnorm,
  gls,
  rlw,
  stch,
  famo,
  dbMtl,
  excessMtl,
  imtlL,
  autoLambda,
];
