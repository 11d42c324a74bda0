import * as tf from '@tensorflow/tfjs';
import type { SourceContext, Split } from '../task/source.ts';
import type { Tap } from '../trunk/index.ts';
import { readExamples } from './examples.ts';
import { assemble, toTensor } from './host-batch.ts';
import type { Network } from './network.ts';
import type { Pass } from './pass.ts';

const BATCH = 32;

/** Running sums over examples and positions, one number a channel (`count`: one number). */
interface ChannelSums {
  sum?: Float64Array;
  squares?: Float64Array;
  count?: Float64Array;
  gradient?: Float64Array;
}

/** Looks at what passes a place of the network, by the place's name. */
export type Visit = (place: string, tokens: tf.Tensor3D) => tf.Tensor3D;

/**
 * Diagonal of the Fisher information at places of a network, for each channel of what passes there: the mean over examples of
 * `Σ_p (sd_c ∂ log p(label) / ∂ h[p, c])²`, where `sd_c` is the channel's standard deviation over examples and positions, so
 * that its scale plays no role (Rusu et al. 2016, section 4). The log-probability of a label is minus its loss. Empirical: the
 * labels are the data's. In inference mode, on up to `most` examples of a split; sums over the pass's tasks.
 */
export async function fisherInformation(
  network: Network,
  pass: Pass,
  options: { readonly split: Split; readonly most: number; readonly tap: (visit: Visit) => Tap },
): Promise<ReadonlyMap<string, Float64Array>> {
  const { split, most, tap } = options;
  const count = Math.min(most, pass.source.counts[split]);
  const context: SourceContext = {
    step: 0,
    predict: (task, inputs) => network.predict(task as never, inputs as never),
  };
  const sums = new Map<string, ChannelSums>();
  let labelled = 0;
  for (let start = 0; start < count; start += BATCH) {
    const indices = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i);
    const host = assemble(pass, await readExamples(pass.tasks[0]!.name, pass.source, split, indices, context));
    labelled += Math.max(...host.labels.map((labels) => labels.labelled.reduce((a, b) => a + b, 0)));
    const { body } = network;
    const trace = (): Record<string, tf.Tensor> => {
      const inputs = host.inputs.map(toTensor);
      const logLikelihood = (visit: Visit): tf.Scalar => {
        const { tokens, call } = body.encode(pass.stem, inputs, false, tap(visit));
        const terms = pass.tasks.map((task, t) => {
          const { target, labelled: weights } = host.labels[t]!;
          const loss = body.loss(task, body.output(task, tokens, call), toTensor(target));
          return loss.mul(tf.tensor1d(weights)).sum() as tf.Scalar;
        });
        return tf.addN(terms).neg() as tf.Scalar;
      };
      const seen = new Map<string, tf.Tensor3D>();
      logLikelihood((place, tokens) => {
        seen.set(place, tokens);
        return tokens;
      });
      const places = [...seen.keys()];
      if (places.length === 0) return {};
      // What is added at a place has the gradient of what passes there.
      const gradients = tf.grads((...added: tf.Tensor[]) =>
        logLikelihood((place, tokens) => tokens.add(added[places.indexOf(place)]!) as tf.Tensor3D),
      )(places.map((place) => tf.zerosLike(seen.get(place)!)));
      return Object.fromEntries(
        places.flatMap((place, i) => {
          const h = seen.get(place)!; // [batch, positions, channels]
          return [
            [`${place} sum`, h.sum([0, 1])],
            [`${place} squares`, h.square().sum([0, 1])],
            [`${place} count`, tf.scalar(h.shape[0] * h.shape[1])],
            [`${place} gradient`, gradients[i]!.square().sum([0, 1])],
          ];
        }),
      );
    };
    const results = await body.runner.run({ kind: 'fisher', key: '', inputs: [], variables: [], trace }, 'eager');
    for (const [name, { values }] of Object.entries(results)) {
      const at = name.lastIndexOf(' ');
      const place = name.slice(0, at);
      const sum = sums.get(place) ?? {};
      sums.set(place, sum);
      const key = name.slice(at + 1) as keyof ChannelSums;
      const total = (sum[key] ??= new Float64Array(values.length));
      for (const [i, value] of values.entries()) total[i]! += value;
    }
  }
  return new Map(
    [...sums].map(([place, { sum, squares, count: total, gradient }]) => {
      const n = total![0]!;
      const variance = sum!.map((each, c) => Math.max(0, squares![c]! / n - (each / n) ** 2));
      return [place, gradient!.map((each, c) => (variance[c]! * each) / Math.max(1, labelled))];
    }),
  );
}
