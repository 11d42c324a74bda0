import * as tf from '@tensorflow/tfjs';
import type { Call, Stem, StemContext, StemFactory } from 'banyan-ml';
import { type Mixing, mix } from 'banyan-ml/layers';

/** Stands for an input that is missing. */
export const MISSING = Symbol('missing');

/** No picture, sound or text has this number: the lowest of float32, and an id below all ids. */
const MARK = { float32: -3.4028234663852886e38, int32: -1 };

/**
 * Makes a stem that also reads `MISSING`, an example without this input: its tokens are one vector then, learned, which begins at 0.
 * @param stem prepares float32 numbers or int32 ids. It may mix its numbers, not its tokens: these are mixed around `optional`.
 * @param blank is read in the place of what is missing, so that no number is odd.
 */
export function optional<Input>(stem: StemFactory<Input>, blank: Input): StemFactory<Input | typeof MISSING> {
  const build = (context: StemContext): Stem<Input | typeof MISSING> => {
    // What is missing is prepared as no other program knows.
    const { preparation: _, prepare, forward, baseline, display, places, readFile, ...inner } = stem(context);
    const vector = context.variable('missing', [context.width], 'zeros');
    // A stem may need its raw input whole.
    const orBlank = (raw: Input | typeof MISSING): Input => (raw === MISSING ? blank : raw);
    return {
      ...inner,
      prepare: (raw) => {
        if (raw !== MISSING) return prepare(raw);
        const numbers = prepare(blank).slice();
        numbers[0] = numbers instanceof Float32Array ? MARK.float32 : MARK.int32;
        return numbers;
      },
      forward: (batch, call) => {
        const count = batch.shape[0]!;
        const first = batch.reshape([count, -1]).slice([0, 0], [count, 1]); // [batch, 1]
        const mark = tf.scalar(MARK[batch.dtype as keyof typeof MARK], batch.dtype as 'float32' | 'int32');
        let holes = first.equal(mark).cast('float32').reshape([count, 1, 1]); // [batch, 1, 1]
        const instead = tf.scalar(prepare(blank)[0]!, batch.dtype as 'float32' | 'int32');
        const { mixed } = call;
        // The stem mixes its numbers: what is mixed with a missing one holds a share of that vector.
        const mixing = (mixture: Mixing) => {
          holes = mix(holes, mixture);
          mixed!(mixture);
        };
        const inner: Call = mixed === undefined ? call : { ...call, mixed: mixing };
        const output = forward(tf.where(batch.equal(mark), instead, batch), inner);
        const filled = (tokens: tf.Tensor3D): tf.Tensor3D => tokens.mul(tf.sub(1, holes)).add(holes.mul(vector)); // [batch, positions, width]
        return output instanceof tf.Tensor ? filled(output) : { ...output, tokens: filled(output.tokens) };
      },
      ...(readFile === undefined ? {} : { readFile }),
      ...(baseline === undefined ? {} : { baseline: (raw: Input | typeof MISSING) => baseline(orBlank(raw)) }),
      ...(places === undefined
        ? {}
        : {
            places: (raw: Input | typeof MISSING, at: 'input' | 'tokens') =>
              raw === MISSING ? undefined : places(raw, at),
          }),
      ...(display === undefined
        ? {}
        : {
            display: (raw: Input | typeof MISSING) =>
              raw === MISSING ? [{ kind: 'words', text: 'missing' }] : display(raw),
          }),
    };
  };
  return Object.assign(build, stem.modality === undefined ? {} : { modality: stem.modality });
}
