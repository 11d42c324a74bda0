import * as tf from '@tensorflow/tfjs';
import { flagAttributes, hasKernels, hasOperations, operation, operations, typeAttributes } from '../runtime/index.ts';
import type { BlockContext, Initializer } from '../task/contract.ts';
import { sumToBias } from './add-bias.ts';
import { relu } from './relu.ts';

export interface LinearOptions {
  readonly activation?: 'relu';
  /** How the kernel begins; default normal of variance 1 / (3 inputs), PyTorch's for linear layers. The bias begins at 0. */
  readonly initializer?: Initializer;
  readonly bias?: boolean;
}

// For fewer rows the products of the gradients are mostly reading weights, which the kernels pack first.
const MANY = 32;

/** Makes the linear layer `x W + b` over the last axis, `[…, inputs]` to `[…, outputs]`. Its gradient has no gradient of its own (no gradient penalties). */
export function linear(
  context: BlockContext,
  name: string,
  inputs: number,
  outputs: number,
  options: LinearOptions = {},
) {
  const { activation, initializer = { normal: Math.sqrt(1 / (3 * inputs)) }, bias = true } = options;
  const kernel = context.variable(`${name}/kernel`, [inputs, outputs], initializer);
  const offset = bias ? context.variable(`${name}/bias`, [outputs], 'zeros') : undefined;
  const layer = <T extends tf.Tensor>(x: T, rectified: boolean): T => {
    const rows = x.reshape([-1, inputs]); // [rows, inputs]
    const apply = hasKernels() && rows.shape[0]! >= MANY ? affineByKernels : hasOperations() ? affineOfFew : affine;
    const y = apply(rows, kernel, offset, rectified); // [rows, outputs]
    return y.reshape([...x.shape.slice(0, -1), outputs]) as T;
  };
  return Object.assign(<T extends tf.Tensor>(x: T): T => layer(x, activation === 'relu'), {
    /** Before the activation. */
    affine: <T extends tf.Tensor>(x: T): T => layer(x, false),
  });
}

type Affine = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | undefined, rectified: boolean) => tf.Tensor;

const affine: Affine = (x, kernel, bias, rectified) => {
  const product = tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D);
  const y = bias === undefined ? product : product.add(bias);
  return rectified ? relu(y) : y;
};

const product = (a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor =>
  operation('MatMul', [a, b], typeAttributes({ transpose_a: transposeA, transpose_b: transposeB }));

const byKernels = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, rectified: boolean): tf.Tensor =>
  operation('BanyanLinear', [x, kernel, bias, tf.tensor1d([])], flagAttributes({ rectified }));

/** TensorFlow's graph optimiser makes product, bias and ReLU one. */
const onTensorFlow: Affine = (x, kernel, bias, rectified) => {
  let y = product(x, kernel, false, false); // [rows, outputs]
  if (bias !== undefined) y = operation('BiasAdd', [y, bias], typeAttributes());
  return rectified ? operation('Relu', [y], typeAttributes()) : y;
};

/** Computes it by the framework's kernels where there are any, which read the weights as they lie; and its gradients by TensorFlow's own operations. */
const affineOfFew: Affine = (x, kernel, bias, rectified) => {
  const forward = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = args.pop() as tf.GradSaveFunc;
    const [input, weights, offset] = args as tf.Tensor[];
    const y = hasKernels()
      ? byKernels(input!, weights!, offset ?? tf.tensor1d([]), rectified)
      : onTensorFlow(input!, weights!, offset, rectified);
    save(rectified ? [input!, weights!, y] : [input!, weights!]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [input, weights, output] = saved as [tf.Tensor, tf.Tensor, tf.Tensor | undefined];
        const dz = output === undefined ? dy : operation('ReluGrad', [dy, output], typeAttributes());
        const gradients = [product(dz, weights, false, true), product(input, dz, true, false)];
        if (offset !== undefined) gradients.push(sumToBias(dz));
        return gradients;
      },
    };
  });
  return forward(...(bias === undefined ? [x, kernel] : [x, kernel, bias]));
};

/** Computes it by the framework's own kernels: the bias's gradient is summed while the product for the kernel's reads the same numbers. */
const affineByKernels: Affine = (x, kernel, bias, rectified) => {
  const forward = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [input, weights, offset, save] = args as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const y = byKernels(input, weights, offset, rectified);
    save(rectified ? [input, weights, y] : [input, weights]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [input, weights, output] = saved as [tf.Tensor, tf.Tensor, tf.Tensor | undefined];
        const dz = output === undefined ? dy : operation('ReluGrad', [dy, output], typeAttributes());
        const [dWeights, dOffset] = operations('BanyanLinearGradOfKernel', [input, dz], 2) as [tf.Tensor, tf.Tensor];
        // An empty bias, for a layer without one, has no gradient that anybody reads.
        return [
          operation('BanyanLinearGradOfInput', [dz, weights, tf.tensor1d([])]),
          dWeights,
          bias === undefined ? tf.tensor1d([]) : dOffset,
        ];
      },
    };
  });
  return forward(x, kernel, bias ?? tf.tensor1d([]));
};
