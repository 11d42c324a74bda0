import type { Graph, Node } from '../tensorflow/graph.ts';
import type { Origin } from './operation.ts';
import { convolution } from './rewrites/convolution.ts';
import { biasOfConvolution, reluOfConvolution } from './rewrites/convolution-bias-relu.ts';
import { convolutionGradOfFilter, convolutionGradOfInput } from './rewrites/convolution-gradients.ts';
import { reluGradOfLinear } from './rewrites/linear-relu-gradient.ts';
import { maxPooling } from './rewrites/max-pooling.ts';
import { maxPoolingGrad, reluGradOfMaxPooling } from './rewrites/max-pooling-gradient.ts';
import { residualSum } from './rewrites/residual-sum.ts';
import type { Rewrite } from './rewrites/rewrite.ts';
import type { Wanted } from './write.ts';

/** The rules for each of TensorFlow's operations; the first that fits is taken. */
const RULES: Readonly<Record<string, readonly Rewrite[]>> = {
  Add: [residualSum],
  AddV2: [residualSum],
  BiasAdd: [biasOfConvolution],
  Conv2D: [convolution],
  Conv2DBackpropFilter: [convolutionGradOfFilter],
  Conv2DBackpropInput: [convolutionGradOfInput],
  MaxPool: [maxPooling],
  MaxPoolGrad: [maxPoolingGrad],
  Relu: [reluOfConvolution],
  ReluGrad: [reluGradOfMaxPooling, reluGradOfLinear],
};

/**
 * Writes an operation by the framework's own kernels, where these do better than TensorFlow's on a CPU; undefined where they do not.
 * What nothing asks for any more, since a later kernel does it too, is left out of the graph when it runs.
 */
export function writeByKernel(graph: Graph, wanted: Wanted, origin: Origin): readonly Node[] | undefined {
  for (const rewrite of RULES[wanted.op] ?? []) {
    const nodes = rewrite(wanted, graph, origin);
    if (nodes !== undefined) return nodes;
  }
  return undefined;
}
