import * as tf from '@tensorflow/tfjs';
import { arraySource } from '../../../data/index.ts';
import { linear } from '../../../layers/index.ts';
import { sequenceCrossEntropy } from '../../../loss/index.ts';
import { RandomStream } from '../../../random/index.ts';
import { type AnyTask, defineTask, type HeadContext, type StemContext } from '../../../task/index.ts';
import { multiModelTrunk } from '../../../trunk/index.ts';
import { type BenchNetwork, benchTask, numbers } from './bench-task.ts';

const WIDTH = 128;
const [WORDS, LENGTH] = [4000, 32];
/** Positions that are written, the end among them. */
const WRITTEN = 40;
const [SIDE, PATCH] = [32, 4];
const CLASSES = 10;

type Raw = Float32Array | Int32Array;

/** Makes tokens of words by learned vectors. The trunk marks their positions. */
function words(context: StemContext) {
  const embedding = context.variable('embedding', [WORDS, WIDTH], { normal: 1 });
  return {
    modality: 'words',
    inputShape: [LENGTH],
    prepare: (raw: Raw) => raw,
    forward: (batch: tf.Tensor) => tf.gather<tf.Tensor>(embedding, batch as tf.Tensor2D) as tf.Tensor3D, // [batch, positions, width]
  };
}

/** Makes tokens of a picture of 32 x 32 pixels, already cut into patches of 4 x 4, by one linear layer. */
function patches(context: StemContext) {
  const size = 3 * PATCH ** 2;
  const embed = linear(context, 'embed', size, WIDTH);
  return {
    modality: 'pictures',
    inputShape: [(SIDE / PATCH) ** 2, size],
    prepare: (raw: Raw) => raw,
    forward: (batch: tf.Tensor) => embed(batch as tf.Tensor3D), // [batch, positions, width]
  };
}

/** Writes words of a vocabulary of its own, by vectors of what is written and a linear layer of scores. */
function writing(context: HeadContext) {
  const embedding = context.variable('embedding', [WORDS, WIDTH], { normal: 1 / Math.sqrt(WIDTH) });
  const scores = linear(context, 'scores', WIDTH, WORDS);
  const loss = sequenceCrossEntropy();
  return {
    target: { shape: [WRITTEN], dtype: 'int32' as const, prepare: (target: Int32Array) => target },
    metrics: [],
    writes: {
      // No symbol has this number, so that whatever is written is as long as it may be.
      end: WORDS,
      embed: (symbols: tf.Tensor2D) => tf.gather<tf.Tensor>(embedding, symbols).mul(Math.sqrt(WIDTH)) as tf.Tensor3D,
    },
    forward: (tokens: tf.Tensor3D) => scores(tokens), // [batch, positions, symbols]
    loss: (output: unknown, target: tf.Tensor) => loss(output as tf.Tensor3D, target as tf.Tensor2D),
    decode: (symbols: unknown) => symbols,
  };
}

/** A task that writes a text of random words for each input. */
function writingTask(name: string, stem: (context: StemContext) => object, inputs: readonly Raw[]): AnyTask {
  const random = new RandomStream(2, `bench ${name}`);
  const text = () => Int32Array.from({ length: WRITTEN }, () => 1 + random.integer(WORDS - 1));
  const source = arraySource({ inputs: inputs as never, targets: inputs.map(text) as never, validation: 0 });
  return defineTask({ name, stem: stem as never, head: writing as never, source: source as never });
}

const inputsOf = (batch: number, size: number, integers?: number): Raw[] => {
  const random = new RandomStream(1, `bench multi-model ${size}`);
  return Array.from({ length: batch }, () =>
    integers === undefined
      ? Float32Array.from({ length: size }, () => random.normal())
      : Int32Array.from({ length: size }, () => random.integer(integers)),
  );
};

type Form = 'convolution' | 'transformer';

/** A body of "One Model To Learn Them All" under text to text, picture to text and text to class. */
const multiModel = (form: Form): BenchNetwork => ({
  name: form === 'convolution' ? 'multi-model' : 'multi-model-transformer',
  batches: [16, 64],
  trunk: multiModelTrunk({
    ...{ width: WIDTH, encoder: 3, mixer: 1, decoder: 2, heads: 8, experts: 8, k: 2, dropout: 0.1, form },
  }),
  tasks: (batch) => [
    writingTask('text-to-text', words, inputsOf(batch, LENGTH, WORDS)),
    writingTask('picture-to-text', patches, inputsOf(batch, 3 * SIDE ** 2)),
    benchTask('text-to-class', CLASSES, words, numbers(batch, LENGTH, WORDS)),
  ],
});

/** The same, that writes greedily. */
const thatWrites = (network: BenchNetwork): BenchNetwork => ({
  ...network,
  name: `${network.name}-writing`,
  batches: [1, 32],
  writes: 'text-to-text',
});

const [convolutions, transformer] = [multiModel('convolution'), multiModel('transformer')];

export const multiModels: readonly BenchNetwork[] = [
  convolutions,
  transformer,
  thatWrites(convolutions),
  thatWrites(transformer),
];
