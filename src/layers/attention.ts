import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../error.ts';
import { integerAttributes, operation } from '../runtime/index.ts';
import type { BlockContext, Call } from '../task/contract.ts';
import { linear } from './linear.ts';
import { scoreBias } from './score-bias.ts';

/**
 * Attention of each position to itself and those before it (Vaswani et al. 2017, sections 3.2.1 and 3.2.3), for blocks that write:
 * `[batch, positions, width]` to the same. While a sequence is written position by position (`call.past`), keys and values of earlier
 * positions are those that were kept.
 * @throws BanyanError `argument` where `heads` does not divide the width.
 */
export function causalAttention(context: BlockContext, name: string, heads: number) {
  const { width } = context;
  checkHeads('causalAttention', width, heads);
  const project = linear(context, `${name}/query-key-value`, width, 3 * width);
  const merge = linear(context, `${name}/output`, width, width);
  const memory = {};

  return (tokens: tf.Tensor3D, { past }: Call): tf.Tensor3D => {
    const [batch, positions] = tokens.shape;
    const packed = project(tokens); // [batch, positions, 3 * width]
    if (past?.held !== undefined) {
      const { memory: kept, lines } = past.held(memory, [batch, past.length, 2 * width]);
      const parts = packed.reshape([batch, 3, width]);
      return merge(operation('BanyanAttentionAt', [parts, kept, lines, past.at], integerAttributes({ heads })));
    }
    const queries = packed.slice([0, 0, 0], [batch, positions, width]);
    const fresh = packed.slice([0, 0, width], [batch, positions, 2 * width]); // keys, then values
    if (past === undefined) {
      const seen = tf.linalg.bandPart(tf.ones([positions, positions]), -1, 0); // [positions, positions]
      return merge(attend(queries, fresh, scoreBias(seen), heads));
    }
    const { at, length } = past;
    const here = tf
      .oneHot(at.reshape([1]) as tf.Tensor1D, length)
      .cast('float32')
      .reshape([1, length, 1]);
    const before = past.recall(memory, [batch, length, 2 * width]);
    const known = before.mul(tf.sub(1, here)).add(fresh.mul(here)); // [batch, length, 2 * width]
    past.keep(memory, known);
    const seen = tf.range(0, length, 1, 'int32').lessEqual(at).cast('float32'); // [length]
    return merge(attend(queries, known, scoreBias(seen), heads));
  };
}

/**
 * Attention of each position to what was read (Vaswani et al. 2017, section 3.2.3), for blocks that write: queries are the block's
 * tokens `[batch, positions, width]`, keys and values come from `call.source`, whose padding is not seen. While a sequence is written
 * position by position (`call.past`), they are computed once.
 * @throws BanyanError `argument` where `heads` does not divide the width, `plugin` in a call without a source.
 */
export function sourceAttention(context: BlockContext, name: string, heads: number) {
  const { width } = context;
  checkHeads('sourceAttention', width, heads);
  const query = linear(context, `${name}/query`, width, width);
  const keysAndValues = linear(context, `${name}/key-value`, width, 2 * width);
  const merge = linear(context, `${name}/output`, width, width);
  const memory = {};

  return (tokens: tf.Tensor3D, { source, past }: Call): tf.Tensor3D => {
    if (source === undefined) {
      throw new BanyanError(
        'plugin',
        `sourceAttention "${name}": expected a call with a source, received none. Use it in the blocks of a trunk's decoder alone.`,
      );
    }
    const read = () => keysAndValues(source.tokens); // [batch, positions, 2 * width]
    if (past?.held !== undefined) {
      const inputs = [query(tokens), past.once(memory, read), source.mask ?? tf.tensor1d([])];
      return merge(operation('BanyanSourceAttentionAt', inputs, integerAttributes({ heads })));
    }
    const positions = source.tokens.shape[1];
    const bias =
      source.mask === undefined
        ? tf.zeros([1, 1, 1, positions])
        : scoreBias(source.mask).reshape([-1, 1, 1, positions]); // [batch, 1, 1, positions]
    return merge(attend(query(tokens), past?.once(memory, read) ?? read(), bias, heads));
  };
}

/**
 * Queries `[batch, n, width]` on keys and values `[batch, m, 2 * width]`, side by side, to `[batch, n, width]`. `bias` is added to
 * the scores `[batch, heads, n, m]`.
 */
function attend(queries: tf.Tensor, keysAndValues: tf.Tensor, bias: tf.Tensor, heads: number): tf.Tensor3D {
  const [batch, n, width] = queries.shape as [number, number, number];
  const m = keysAndValues.shape[1]!;
  const split = (tokens: tf.Tensor, positions: number) =>
    tokens.reshape([batch, positions, heads, width / heads]).transpose([0, 2, 1, 3]); // [batch, heads, positions, size]
  const keys = split(keysAndValues.slice([0, 0, 0], [batch, m, width]), m);
  const values = split(keysAndValues.slice([0, 0, width], [batch, m, width]), m);
  const scaled = split(queries.mul(1 / Math.sqrt(width / heads)), n);
  const scores = tf.matMul(scaled, keys, false, true).add(bias); // [batch, heads, n, m]
  const mixed = tf.matMul(tf.softmax(scores), values); // [batch, heads, n, size]
  return mixed.transpose([0, 2, 1, 3]).reshape([batch, n, width]) as tf.Tensor3D;
}

function checkHeads(what: string, width: number, heads: number): void {
  if (Number.isSafeInteger(heads) && heads >= 1 && width % heads === 0) return;
  throw new BanyanError(
    'argument',
    `${what}: heads must divide the width, received width ${width} and heads ${heads}. Choose another number of heads.`,
  );
}
