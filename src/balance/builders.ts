import { alignedMtl as alignedMtlMethod } from './aggregators/aligned-mtl.ts';
import { cagrad as cagradMethod } from './aggregators/cagrad.ts';
import { config as configMethod } from './aggregators/config.ts';
import { constant as constantMethod } from './aggregators/constant.ts';
import { dualProj as dualProjMethod } from './aggregators/dual-proj.ts';
import { fairgrad as fairgradMethod } from './aggregators/fairgrad.ts';
import { graddrop as graddropMethod } from './aggregators/graddrop.ts';
import { gradvac as gradvacMethod } from './aggregators/gradvac.ts';
import { imtlG as imtlGMethod } from './aggregators/imtl-g.ts';
import { krum as krumMethod } from './aggregators/krum.ts';
import { mean as meanMethod } from './aggregators/mean.ts';
import { mgda as mgdaMethod } from './aggregators/mgda.ts';
import { moco as mocoMethod } from './aggregators/moco.ts';
import { modo as modoMethod } from './aggregators/modo.ts';
import { nashMtl as nashMtlMethod } from './aggregators/nash-mtl.ts';
import { pcgrad as pcgradMethod } from './aggregators/pcgrad.ts';
import { random as randomMethod } from './aggregators/random.ts';
import { sdmgrad as sdmgradMethod } from './aggregators/sdmgrad.ts';
import { sum as sumMethod } from './aggregators/sum.ts';
import { trimmedMean as trimmedMeanMethod } from './aggregators/trimmed-mean.ts';
import { upgrad as upgradMethod } from './aggregators/upgrad.ts';
import type { CoordinateMethod, GramMethod } from './method.ts';
import type { BalanceOn, BalanceOption } from './option.ts';
import type { PER_TASK, TASK_LISTS } from './options.ts';
import { autoLambda as autoLambdaMethod } from './weightings/auto-lambda.ts';
import { dbMtl as dbMtlMethod } from './weightings/db-mtl.ts';
import { dwa as dwaMethod } from './weightings/dwa.ts';
import { equal as equalMethod } from './weightings/equal.ts';
import { excessMtl as excessMtlMethod } from './weightings/excess-mtl.ts';
import { famo as famoMethod } from './weightings/famo.ts';
import { gls as glsMethod } from './weightings/gls.ts';
import { gradnorm as gradnormMethod } from './weightings/gradnorm.ts';
import { imtlL as imtlLMethod } from './weightings/imtl-l.ts';
import { rlw as rlwMethod } from './weightings/rlw.ts';
import { fixed as fixedMethod } from './weightings/static.ts';
import { stch as stchMethod } from './weightings/stch.ts';
import { uncertainty as uncertaintyMethod } from './weightings/uncertainty.ts';

type Method<Options> = GramMethod<Options> | CoordinateMethod<Options>;

/** The options of a method as a user gives them. */
type Given<Options> = [Options] extends [never]
  ? unknown
  : {
      readonly [Name in keyof Options as string extends Name ? never : Name]?: Name extends (typeof PER_TASK)[number]
        ? Options[Name] | Readonly<Record<string, number>>
        : Name extends (typeof TASK_LISTS)[number]
          ? Options[Name] | readonly string[]
          : Options[Name];
    };

/** A method as `balance` of a training takes it, with its options; those that are left out have their defaults. */
const of =
  <Options>({ name }: Method<Options>) =>
  (given: Given<Options> & { readonly on?: BalanceOn } = {} as never): BalanceOption => {
    const { on, ...options } = given as { readonly on?: BalanceOn };
    return { method: name, options, ...(on === undefined ? {} : { on }) };
  };

// Each is documented where its method is.
export const autoLambda = of(autoLambdaMethod);
export const dbMtl = of(dbMtlMethod);
export const dwa = of(dwaMethod);
export const equal = of(equalMethod);
export const excessMtl = of(excessMtlMethod);
export const famo = of(famoMethod);
export const gls = of(glsMethod);
export const gradnorm = of(gradnormMethod);
export const imtlL = of(imtlLMethod);
export const rlw = of(rlwMethod);
export const staticWeights = of(fixedMethod);
export const stch = of(stchMethod);
export const uncertainty = of(uncertaintyMethod);
export const alignedMtl = of(alignedMtlMethod);
export const cagrad = of(cagradMethod);
export const configGrad = of(configMethod);
export const constantWeights = of(constantMethod);
export const dualProj = of(dualProjMethod);
export const fairgrad = of(fairgradMethod);
export const graddrop = of(graddropMethod);
export const gradvac = of(gradvacMethod);
export const imtlG = of(imtlGMethod);
export const krum = of(krumMethod);
export const mean = of(meanMethod);
export const mgda = of(mgdaMethod);
export const moco = of(mocoMethod);
export const modo = of(modoMethod);
export const nashMtl = of(nashMtlMethod);
export const pcgrad = of(pcgradMethod);
export const randomWeights = of(randomMethod);
export const sdmgrad = of(sdmgradMethod);
export const sum = of(sumMethod);
export const trimmedMean = of(trimmedMeanMethod);
export const upgrad = of(upgradMethod);
