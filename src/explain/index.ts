import '../one-copy.ts';

// What a prediction rests on: the entry point `banyan-ml/explain`.
export { type AttributeOptions, attribute } from './attribute.ts';
export type { AttributedPart, Attribution, Completeness } from './attribution.ts';
export { type ConceptInfluence, type ConceptOptions, conceptInfluence } from './concept/influence.ts';
export { conceptPage, conceptText } from './concept/page.ts';
export { attributionJson, attributionText, type ExplainedExample } from './draw/explained.ts';
export { explanationPage, explanationPng } from './draw/page.ts';
export { EXPLANATION_KIND, explanationKinds } from './kinds.ts';
export type { BlockActivations, Method, Point, Subject, SubjectPart } from './method.ts';
export { attentionRollout } from './methods/attention-rollout.ts';
export { type GradCamOptions, gradCam } from './methods/grad-cam.ts';
export { gradientTimesInput } from './methods/gradient-times-input.ts';
export { type IntegratedGradientsOptions, integratedGradients } from './methods/integrated-gradients.ts';
export { type KernelShapOptions, kernelShap } from './methods/kernel-shap.ts';
export { type OcclusionOptions, occlusion } from './methods/occlusion.ts';
export { type SmoothGradOptions, smoothGrad } from './methods/smooth-grad.ts';
export type { Baseline } from './subject/examine.ts';
export type { Level } from './subject/exchange.ts';
export type { Outcome } from './subject/outcomes.ts';
export { linearCka } from './trunk/cka.ts';
export {
  type CompareTrunksOptions,
  compareTrunks,
  type TaskTrunk,
  type TrunkSimilarity,
} from './trunk/compare-trunks.ts';
export { type DepthProbe, type ProbeTrunkOptions, probeTrunk } from './trunk/probe-trunk.ts';
export {
  type TracedCheckpoint,
  type TracedExample,
  type TrainingInfluence,
  type TrainingInfluenceOptions,
  trainingInfluence,
} from './trunk/training-influence.ts';
export { type BlockShares, type UnitSharesOptions, unitShares } from './trunk/unit-shares.ts';
export { type TrunkExplanation, trunkJson } from './trunk-page/explanation.ts';
export { SHOWN, trunkPage } from './trunk-page/page.ts';
