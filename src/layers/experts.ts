import * as tf from '@tensorflow/tfjs';
import { check, wholeNumber } from '../check.ts';
import { detached, hasKernels, operations } from '../runtime/index.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import { relu } from './relu.ts';
import { scoreBias } from './score-bias.ts';

/** The options of `mixtureOfExperts`. */
export interface MixtureOfExpertsOptions {
  /** How many experts there are, a whole number >= 1. */
  readonly experts: number;
  /** How many of them each token goes through, a whole number from 1 to `experts`. */
  readonly k: number;
  /** Numbers of an expert's hidden layer. Default: the width. */
  readonly hidden?: number;
}

/** The share of the unevenness of the experts' use in the objective (Shazeer et al. 2017, appendix A). */
const BALANCE = 0.01;
/** The least deviation of the noise of a gate. */
const LEAST_NOISE = 0.01;
/** Keeps the quotient of a mean of 0 finite. */
const EPSILON = 1e-10;

/** How much tokens go to which expert, `[tokens, experts]` each. */
interface Gates {
  /** Of each token they add up to 1, and all but k are 0. */
  readonly gates: tf.Tensor2D;
  /** The probability that an expert is among the k of a token if the noise is drawn anew; where there is no noise, whether it is. */
  readonly chances: tf.Tensor2D;
  /** The k experts of each token, int32 `[tokens, k]`; absent where these are all. */
  readonly chosen?: tf.Tensor2D;
}

/**
 * Makes a sparsely gated mixture of experts (Shazeer et al. 2017, "Outrageously Large Neural Networks", section 2 and appendix A):
 * `[batch, positions, width]` to the same. Each token goes through the k experts of the largest of `h = x W_g + normal * softplus(x W_n)`
 * (the noise is drawn in training alone), and their outputs are added up by the softmax of those k. An expert is two dense layers without
 * biases with ReLU between them. How unevenly the experts are used, by the sum of their gates and by how many tokens they are likely to
 * get, is a loss of the layer's own (`call.also`). Padding goes through no expert. There is no limit on what an expert takes, so no token
 * depends on its neighbours.
 *
 * In a graph on a CPU the framework's kernels compute of each token its k experts alone. Elsewhere all experts are computed for all tokens,
 * and those that are not chosen are multiplied by 0.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function mixtureOfExperts(context: BlockContext, name: string, options: MixtureOfExpertsOptions) {
  const { width, random } = context;
  const { experts, k, hidden = width } = options;
  check('mixtureOfExperts', { experts }, wholeNumber(1));
  check('mixtureOfExperts', { k }, wholeNumber(1, experts));
  check('mixtureOfExperts', { hidden }, wholeNumber(1));
  const gate = context.variable(`${name}/gate`, [width, experts], 'zeros');
  const noise = context.variable(`${name}/noise`, [width, experts], 'zeros');
  const kernel = (name: string, inputs: number, outputs: number) =>
    context.variable(name, [experts, inputs, outputs], { normal: Math.sqrt(1 / (3 * inputs)) });
  const first = kernel(`${name}/first`, width, hidden);
  const second = kernel(`${name}/second`, hidden, width);

  function gatesOf(x: tf.Tensor2D, training: boolean): Gates {
    const clean = tf.matMul(x, gate as tf.Tensor2D); // [tokens, experts]
    const deviation = training
      ? tf
          .matMul(x, noise as tf.Tensor2D)
          .softplus()
          .add(LEAST_NOISE)
      : undefined;
    const logits = (
      deviation === undefined ? clean : clean.add(random.normal(clean.shape).mul(deviation))
    ) as tf.Tensor2D;
    if (k === experts) return { gates: tf.softmax(logits), chances: tf.onesLike(logits) };
    const { indices } = tf.topk(detached(logits), k + 1); // [tokens, k + 1]
    const places = tf.oneHot(indices as tf.Tensor2D, experts).cast('float32'); // [tokens, k + 1, experts]
    const among = places.slice([0, 0, 0], [-1, k, -1]).sum<tf.Tensor2D>(1); // [tokens, experts], 1 or 0
    const gates = tf.softmax(logits.add(scoreBias(among))) as tf.Tensor2D;
    const chosen = (indices as tf.Tensor2D).slice([0, 0], [-1, k]);
    if (deviation === undefined) return { gates, chances: among, chosen };
    // What an expert has to be above of, to be among the k: the next best for one that is, the last that is for one that is not.
    const at = (place: number) => {
      const one = places.slice([0, place, 0], [-1, 1, -1]).squeeze([1]);
      return logits.mul(one).sum(1, true); // [tokens, 1]
    };
    const above = among.mul(at(k)).add(tf.sub(1, among).mul(at(k - 1)));
    return { gates, chances: normalDistribution(clean.sub(above).div(deviation)) as tf.Tensor2D, chosen };
  }

  return (tokens: tf.Tensor3D, call: Call): tf.Tensor3D => {
    const [batch, positions] = tokens.shape;
    const x = tokens.reshape([batch * positions, width]) as tf.Tensor2D; // [tokens, width]
    const there = call.mask?.reshape([batch * positions, 1]);
    const all = gatesOf(x, call.training);
    const [gates, chances] = [all.gates, all.chances].map((each) => (there === undefined ? each : each.mul(there)));
    if (call.also !== undefined && experts > 1)
      call.also(unevenness(gates!).add(unevenness(chances!)).mul(BALANCE) as tf.Scalar);
    // Only in inference, where a chance is 1 or 0.
    call.routes?.(chances!.reshape([batch, positions, experts]) as tf.Tensor3D);
    const mixed =
      all.chosen !== undefined && hasKernels()
        ? mixByKernel(x, gates!, all.chosen, first, second)
        : mix(x, gates!, first, second); // [tokens, width]
    return mixed.reshape([batch, positions, width]) as tf.Tensor3D;
  };
}

/** Both layers of all experts are one product each: an expert's gate is a factor of its hidden numbers. */
function mix(x: tf.Tensor, gates: tf.Tensor, first: tf.Tensor, second: tf.Tensor): tf.Tensor {
  const [experts, width, hidden] = first.shape as [number, number, number];
  const into = first.transpose([1, 0, 2]).reshape([width, experts * hidden]);
  const wide = relu(tf.matMul(x as tf.Tensor2D, into as tf.Tensor2D)).reshape([-1, experts, hidden]); // [tokens, experts, hidden]
  const gated = wide.mul(gates.expandDims(2)).reshape([-1, experts * hidden]);
  return tf.matMul(gated as tf.Tensor2D, second.reshape([experts * hidden, width]) as tf.Tensor2D);
}

/** Computes of each token its own experts alone. */
const mixByKernel = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
  const save = args.pop() as tf.GradSaveFunc;
  const inputs = args as tf.Tensor[];
  const [value, hidden] = operations('BanyanExperts', inputs, 2) as [tf.Tensor, tf.Tensor];
  save([...inputs, hidden]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [dx, dGates, dFirst, dSecond] = operations('BanyanExpertsGrad', [dy, ...saved], 4);
      // Which experts were chosen is no number that is learned.
      return [dx!, dGates!, tf.zerosLike(saved[2]!), dFirst!, dSecond!];
    },
  };
});

/** The square of the coefficient of variation of the columns' sums: 0 where all experts are used alike, n - 1 where one of n has all. */
function unevenness(uses: tf.Tensor): tf.Tensor {
  const sums = uses.sum(0); // [experts]
  const mean = sums.mean();
  return sums.sub(mean).square().mean().div(mean.square().add(EPSILON)); // []
}

/** The distribution function of the normal distribution. */
const normalDistribution = (x: tf.Tensor): tf.Tensor => x.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
