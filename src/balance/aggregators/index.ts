import type { CoordinateMethod, GramMethod } from '../method.ts';
import { alignedMtl } from './aligned-mtl.ts';
import { cagrad } from './cagrad.ts';
import { config } from './config.ts';
import { constant } from './constant.ts';
import { dualProj } from './dual-proj.ts';
import { fairgrad } from './fairgrad.ts';
import { graddrop } from './graddrop.ts';
import { gradvac } from './gradvac.ts';
import { imtlG } from './imtl-g.ts';
import { krum } from './krum.ts';
import { mean } from './mean.ts';
import { mgda } from './mgda.ts';
import { moco } from './moco.ts';
import { modo } from './modo.ts';
import { nashMtl } from './nash-mtl.ts';
import { pcgrad } from './pcgrad.ts';
import { random } from './random.ts';
import { sdmgrad } from './sdmgrad.ts';
import { sum } from './sum.ts';
import { trimmedMean } from './trimmed-mean.ts';
import { upgrad } from './upgrad.ts';

export const aggregators: readonly (GramMethod | CoordinateMethod)[] = [
  mean,
  sum,
  constant,
  random,
  mgda,
  pcgrad,
  gradvac,
  cagrad,
  imtlG,
  nashMtl,
  alignedMtl,
  fairgrad,
  upgrad,
  dualProj,
  config,
  graddrop,
  krum,
  trimmedMean,
  sdmgrad,
  moco,
  modo,
];
