// The built-in kinds of explanation, a line each.
export { attentionRolloutKind } from './methods/attention-rollout.ts';
export { gradCamKind } from './methods/grad-cam.ts';
export { gradientTimesInputKind } from './methods/gradient-times-input.ts';
export { integratedGradientsKind } from './methods/integrated-gradients.ts';
export { kernelShapKind } from './methods/kernel-shap.ts';
export { occlusionKind } from './methods/occlusion.ts';
export { smoothGradKind } from './methods/smooth-grad.ts';
