// Small networks that together hold every head, stem, block, optimiser and rule of the step: each is trained eagerly and as a
// graph, and the two are compared.
import * as tf from '@tensorflow/tfjs';
import { arraySource, NO_NETWORK } from 'banyan-ml/data';
import * as audio from 'banyan-ml/heads/audio';
import * as control from 'banyan-ml/heads/control';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
import { clothing, intents, spokenDigits } from 'banyan-ml/tasks';
import { lastValueFrom, tap } from 'rxjs';
import {
  type AnyTask,
  adafactor,
  adagrad,
  adam,
  adamW,
  branching,
  type ColumnOptions,
  type CompileMode,
  cgc,
  constantSchedule,
  convTrunk,
  createNetwork,
  crossStitch,
  defineTask,
  denseTrunk,
  dselectK,
  encoderTrunk,
  type HeadContext,
  lamb,
  lion,
  mmoe,
  mtan,
  multiModelTrunk,
  muon,
  type Optimizer,
  ple,
  rmsprop,
  type SeenObject,
  type StemContext,
  scheduleFreeAdamW,
  sgd,
  squaredError,
  stackedTrunk,
  type TrainOptions,
  type Trunk,
  train,
  transformerTrunk,
} from '../../../src/index.ts';
import { fromLayers } from '../../../src/layers/index.ts';
import { assemble, internals, type Network, passesOf, readExamples } from '../../../src/network/index.ts';
import { RandomStream } from '../../../src/plugin.ts';
import { gradientsOf } from '../../../src/train/step/gradients.ts';
import { hostInputs, stepInputs } from '../../../src/train/step/inputs.ts';
import { trainedVariables } from '../../../src/train/step/trained-variables.ts';
import { numbersSource, numbersTask } from '../../fixtures.ts';
import { tableTasks } from './table-cases.ts';

const random = new RandomStream(5, 'cases');
const COUNT = 48;
const range = <T>(make: (i: number) => T): T[] => Array.from({ length: COUNT }, (_, i) => make(i));

const pictures = arraySource({
  inputs: range(() => Float32Array.from({ length: 64 }, () => random.uniform())),
  targets: range((i) => i % 3),
  validation: 0,
});
const image = { height: 8, width: 8, channels: 1 };
const clips = range(() => Float32Array.from({ length: 800 }, () => random.normal()));
const sounds = arraySource({
  inputs: clips,
  targets: range((i) => (i % 5 === 0 ? -1 : i % 3)), // Some labels are missing.
  validation: 0,
});
const WORDS = ['lend', 'me', 'some', 'money', 'please', 'now', 'card', 'lost'];
const sentences = arraySource({
  inputs: range((i) => Array.from({ length: 1 + (i % 7) }, () => WORDS[random.integer(WORDS.length)]).join(' ')),
  targets: range((i) => i % 3),
  validation: 0,
});

const pictureTask = (name: string, stem: ReturnType<typeof vision.convStem>) =>
  defineTask({ name, stem, head: vision.classifier({ classes: 3, labelSmoothing: 0.1 }), source: pictures });

const convPictures = pictureTask(
  'conv-pictures',
  vision.convStem({ ...image, filters: [4, 6], augment: [vision.horizontalFlip()] }),
);
const colours = { height: 6, width: 7, channels: 3 };
/** Pictures with colours, changed in every way that there is. */
const changedPictures = [vision.cutmix(), vision.mixup()].map((mixing, i) =>
  defineTask({
    name: `changed-pictures-${i}`,
    stem: vision.convStem({
      ...colours,
      filters: [4],
      augment: [
        vision.crop({ padding: 1 }),
        vision.shift({ share: 0.2 }),
        vision.rotation({ degrees: 20 }),
        vision.colour({ brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.2 }),
        vision.randAugment({ operations: 1 }),
        vision.erasing(),
        mixing,
      ],
    }),
    head: vision.classifier({ classes: 3 }),
    source: arraySource({
      inputs: range(() => Uint8Array.from({ length: 126 }, () => random.integer(256))),
      targets: range((i) => (i % 5 === 0 ? -1 : i % 3)),
      validation: 0,
    }),
  }),
);
const patchPictures = pictureTask('patch-pictures', vision.patchStem({ ...image, patch: 4 }));
const residualPictures = pictureTask(
  'residual-pictures',
  vision.residualStem({ ...image, entry: [8, 12], filters: [12], stride: 1, augment: [vision.horizontalFlip()] }),
);
const spectra = {
  sampleRate: 8000,
  seconds: 0.1,
  window: 100,
  hop: 40,
  fft: 128,
  mels: 10,
  augment: [audio.timeShift({ frames: 3 }), audio.maskTime({ frames: 2 }), audio.maskMels({ mels: 2 })],
};
const changedSounds = defineTask({
  name: 'changed-sounds',
  stem: audio.spectrogramStem({
    ...spectra,
    augment: [audio.speed(), audio.noise(), audio.mixup(), ...spectra.augment],
  }),
  head: audio.classifier({ classes: 3 }),
  source: sounds,
});
const soundTask = defineTask({
  name: 'sounds',
  stem: audio.spectrogramStem(spectra),
  head: audio.classifier({ classes: 3, classWeights: [1, 2, 0.5] }),
  source: sounds,
});
const spokenTask = defineTask({
  name: 'spoken',
  stem: audio.spectrogramStem(spectra),
  head: audio.transcriber({ symbols: 'abc', length: 3, beam: 2 }),
  source: arraySource({
    inputs: clips,
    targets: range((i) => (i % 5 === 0 ? undefined : 'abcacb'.slice(i % 4, (i % 4) + (i % 3)))),
    validation: 0,
  }),
});
/** Clips of many lengths, changed in every way, and features of some. */
const varyingTasks = [
  defineTask({
    name: 'varying',
    stem: audio.spectrogramStem({
      ...spectra,
      varying: true,
      augment: [audio.speed(), audio.noise(), audio.mixup(), ...spectra.augment],
    }),
    head: audio.classifier({ classes: 3 }),
    source: arraySource({
      inputs: clips.map((clip, i) => clip.subarray(0, 100 + ((i * 131) % 700))),
      targets: range((i) => i % 3),
      validation: 0,
    }),
  }),
  ...[false, true].map((varying) =>
    defineTask({
      name: `residual-sounds-${varying}`,
      stem: audio.residualSpectrogramStem({ ...spectra, filters: [8, 12], varying }),
      head: audio.classifier({ classes: 3 }),
      source: arraySource({
        inputs: clips.map((clip, i) => clip.subarray(0, 100 + ((i * 131) % 700))),
        targets: range((i) => i % 3),
        validation: 0,
      }),
    }),
  ),
  defineTask({
    name: 'frames',
    stem: audio.framesStem({ numbers: 4, length: 30, augment: [audio.maskTime({ frames: 3 })] }),
    head: audio.transcriber({ symbols: 'abc', length: 3 }),
    source: arraySource({
      inputs: clips.map((clip, i) => clip.subarray(0, 4 * (12 + (i % 19)))),
      targets: range((i) => (i % 5 === 0 ? undefined : 'abcacb'.slice(i % 4, (i % 4) + (i % 3)))),
      validation: 0,
    }),
  }),
];
const segmentedTask = defineTask({
  name: 'segmented',
  stem: vision.convStem({ ...image, filters: [4, 6], features: true }),
  head: vision.segmenter({ classes: 3, height: 8, width: 8, filters: [4, 6], labelSmoothing: 0.1 }),
  source: arraySource({
    inputs: range((i) => Float32Array.from({ length: 64 }, (_, p) => Math.sin(i + 3 * p))),
    targets: range((i) => (i % 5 === 0 ? undefined : Int32Array.from({ length: 64 }, (_, p) => ((i + p) % 4) - 1))),
    validation: 0,
  }),
});
const sentenceOptions = {
  vocabulary: text.wordVocabulary(WORDS, { minimumCount: 1 }),
  length: 8,
  dropout: 0.2,
  wordDropout: 0.2,
};
const changedSentences = defineTask({
  name: 'changed-sentences',
  stem: text.tokenStem({ ...sentenceOptions, wordNoise: 0.2, mixup: 0.4 }),
  head: text.classifier({ classes: 3 }),
  source: sentences,
});
const sentenceTask = defineTask({
  name: 'sentences',
  stem: text.tokenStem(sentenceOptions),
  head: text.classifier({ classes: 3 }),
  source: sentences,
});

/** Sentences, written again from their ends. */
const draws = new RandomStream(5, 'writing');
const said = range((i) => Array.from({ length: 1 + (i % 5) }, () => WORDS[draws.integer(WORDS.length)]!));
const writingTask = defineTask({
  name: 'writing',
  stem: text.tokenStem(sentenceOptions),
  head: text.writer({ vocabulary: sentenceOptions.vocabulary, length: 6, labelSmoothing: 0.1 }),
  source: arraySource({
    inputs: said.map((words) => words.join(' ')),
    targets: said.map((words, i) => (i % 7 === 0 ? undefined : [...words].reverse().join(' '))),
    validation: 0,
  }),
});

const SLOTS = ['O', 'B-what', 'I-what'];
const slotsTask = defineTask({
  name: 'slots',
  stem: text.wordsStem({ ...sentenceOptions, vocabulary: text.wholeWords(WORDS), pieces: 20 }),
  head: text.tagger({ labels: SLOTS, length: 8, labelSmoothing: 0.1 }),
  source: arraySource({
    inputs: said,
    targets: said.map((words, i) => (i % 7 === 0 ? undefined : words.map((_, j) => SLOTS[(i + j) % 3]!))),
    validation: 0,
  }),
});

const WORD_PIECES = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'l', '##end', 'me', 'some', 'mon', '##ey', 'now', 'card'];
const encodedTasks = [
  defineTask({
    ...patchPictures,
    stem: vision.patchStem({ ...image, patch: 4, classToken: true }),
    head: vision.classifier({ classes: 3, pool: 'first' }),
  }),
  defineTask({
    name: 'word-pieces',
    stem: text.wordPieceStem({
      vocabulary: text.wordPieces({ kind: 'word-piece', pieces: WORD_PIECES, lowercase: true }),
      length: 12,
      dropout: 0.1,
    }),
    head: text.classifier({ classes: 3, pool: 'first' }),
    source: sentences,
  }),
];

/** Pictures and sentences by heads that make one vector of their tokens in each way. */
const pooledTasks = (['mean', 'flatten', 'attention', 'first', 'exit', 'square-exit'] as const).flatMap((pool) => [
  defineTask({
    ...patchPictures,
    name: `pictures-${pool}`,
    stem: vision.patchStem({ ...image, patch: 4, positions: pool === 'first' ? 'none' : 'sinusoidal' }),
    head: vision.classifier({ classes: 3, pool }),
  }),
  // Sentences are of any length.
  ...(pool === 'flatten' || pool === 'square-exit'
    ? []
    : [
        defineTask({
          ...sentenceTask,
          name: `sentences-${pool}`,
          stem: text.tokenStem({ ...sentenceOptions, positions: 'sinusoidal' }),
          head: text.classifier({ classes: 3, pool }),
        }),
      ]),
]);

const beatsTask = defineTask({
  name: 'beats',
  stem: audio.spectrogramStem(spectra),
  head: audio.tempo({ slowest: 60, fastest: 180, lags: 6 }),
  source: arraySource({ inputs: clips, targets: range((i) => 70 + 2 * i), validation: 0 }),
});

const ACTIONS = ['left', 'stay', 'right'] as const;
const shape = [6, 6, 2];
/** What was played once, so that both ways see the same. */
const played = arraySource<Float32Array, control.Experience | control.Episode>({
  inputs: range(() => Float32Array.from({ length: 72 }, () => random.uniform())),
  targets: range((i) => ({
    action: i % 3,
    logProbability: -0.8 - 0.1 * (i % 7),
    advantage: random.normal(),
    value: random.normal(),
  })),
  validation: 0,
});
const acting = (algorithm: 'ppo' | 'a2c') =>
  defineTask({
    name: algorithm,
    stem: control.observationStem({ shape, filters: [4], hidden: [12] }),
    head: control.actorCritic({ actions: ACTIONS, algorithm }),
    source: played,
  });
const valuing = defineTask({
  name: 'valuing',
  stem: control.observationStem({ shape: [72], hidden: [12] }),
  head: control.qValues({ actions: ACTIONS }),
  source: played,
});

/** Objects around one that acts, what was done, and what that was worth by each of them. */
const gatheredTask = defineTask({
  name: 'gathered',
  stem: control.objectStem({ types: 3, reach: 4, most: 5 }),
  head: control.rules({ actions: ACTIONS, types: ['a', 'b', 'c'], reach: 3 }),
  source: arraySource<readonly SeenObject[], control.RuleLesson>({
    inputs: range((i) => [
      { type: 0, row: 4, column: 4 },
      ...Array.from({ length: i % 5 }, (_, k) => ({ type: (i + k) % 3, row: random.integer(9), column: k })),
    ]),
    targets: range((i) => ({ action: i % 3, goals: Array.from({ length: i % 5 }, () => random.normal()) })),
    validation: 0,
  }),
});

/** A picture that is drawn again of its own code, which the trunk does not see. */
const drawnTask = defineTask({
  name: 'drawn',
  at: 0,
  stem: vision.codeStem({ ...image, kernel: 3 }),
  head: vision.reconstruction({ ...image, winners: { radius: 1, cost: 0.3 } }),
  source: arraySource({
    inputs: range(() => Float32Array.from({ length: 64 }, () => random.uniform())),
    targets: range(() => Float32Array.from({ length: 64 }, () => random.uniform())),
    validation: 0,
  }),
});

/** A `tf.layers` model as a stem, with dropout, noise and batch normalisation of its own. */
function layersTask() {
  const kernel = (seed: number) => tf.initializers.glorotNormal({ seed });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 12, activation: 'relu', inputShape: [4], kernelInitializer: kernel(1) }),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.gaussianNoise({ stddev: 0.1 }),
      tf.layers.dense({ units: 16, activation: 'tanh', kernelInitializer: kernel(2) }),
    ],
  });
  const body = fromLayers(model);
  return {
    done: () => void model.dispose(),
    tasks: [
      defineTask({
        name: 'layers',
        stem: (context: StemContext) => {
          const forward = body(context);
          return {
            modality: 'numbers',
            inputShape: [4],
            prepare: (raw: readonly number[]) => Float32Array.from(raw),
            forward: (batch, call) => forward(batch, call).expandDims(1) as tf.Tensor3D,
          };
        },
        head: (context: HeadContext) => {
          const kernel = context.variable('kernel', [context.width, 2], 'glorotNormal');
          const loss = squaredError();
          return {
            target: {
              shape: [2],
              dtype: 'float32' as const,
              prepare: (pair: readonly number[]) => Float32Array.from(pair),
            },
            metrics: [],
            // A record of named outputs.
            forward: (tokens: tf.Tensor3D) => ({
              pair: tf.matMul(tokens.mean(1) as tf.Tensor2D, kernel as tf.Tensor as tf.Tensor2D),
              size: tokens.square().mean([1, 2]),
            }),
            loss: (output, target) => loss((output as { pair: tf.Tensor }).pair, target),
            decode: (output) => output,
          };
        },
        source: numbersSource((x) => [x[0]!, x[1]!]),
      }) as AnyTask,
    ],
  };
}

export interface Case {
  readonly name: string;
  readonly trunk: Trunk;
  /** `done` frees what they hold besides the network. */
  readonly make: () => { readonly tasks: readonly AnyTask[]; readonly done?: () => void };
  /** Columns beside it; the last one's tasks are trained. */
  readonly grow?: readonly ColumnOptions[];
  readonly options?: Partial<TrainOptions>;
}

const dense = denseTrunk({ width: 16, depth: 1 });
const numbers = () => [
  numbersTask('numbers'),
  numbersTask('half', (x, i) => (i % 2 ? x[0]! : undefined), { weight: 0.5, learningRate: 2 }),
];
const soft = denseTrunk({ width: 8, depth: 2, dropout: 0.1 });
const softly: readonly [name: string, trunk: Trunk, grow?: ColumnOptions][] = [
  ['cross-stitch', crossStitch(soft)],
  ['mmoe', mmoe(convTrunk({ width: 8, depth: 1, dropout: 0.1 }), { experts: 2 })],
  ['cgc, beside a plain column', denseTrunk({ width: 8, depth: 2 }), { tasks: numbers(), trunk: cgc(soft) }],
  ['ple', ple(soft)],
  [
    'mtan, heard by another',
    mtan(transformerTrunk({ width: 8, depth: 2, heads: 2, dropout: 0.1 })),
    { tasks: numbers(), trunk: denseTrunk({ width: 8, depth: 2 }) },
  ],
  ['dselect-k', dselectK(denseTrunk({ width: 8, depth: 1 }))],
  ['branching', branching(soft, { branches: 2 })],
];
const withOptimizer = (name: string, optimizer: Optimizer, options: Partial<TrainOptions> = {}): Case => ({
  name,
  trunk: dense,
  make: () => ({ tasks: numbers() }),
  options: { optimizer, ...options },
});

/** Two tasks on one source and one stem: one pass. */
function sharedTasks(): AnyTask[] {
  const source = numbersSource((x) => ({ left: x[0]!, right: x[2]! }));
  const one = numbersTask('model');
  return [
    defineTask({
      name: 'left',
      stem: one.stem,
      head: one.head,
      source: source as never,
      target: 'left' as never,
    }) as AnyTask,
    defineTask({
      name: 'right',
      stem: one.stem,
      head: one.head,
      source: source as never,
      target: 'right' as never,
    }) as AnyTask,
  ];
}

export function cases(): Case[] {
  return [
    {
      name: 'every stem, transformer blocks with dropout',
      trunk: transformerTrunk({ width: 16, depth: 2, heads: 2, dropout: 0.1 }),
      make: () => ({ tasks: [convPictures, patchPictures, soundTask, sentenceTask] }),
    },
    {
      name: 'every stem, separable convolutions with dropout',
      trunk: convTrunk({ width: 16, depth: 2, kernel: 3, dropout: 0.1 }),
      make: () => ({ tasks: [convPictures, patchPictures, soundTask, sentenceTask] }),
    },
    {
      name: 'dense blocks with dropout, missing labels, weights',
      trunk: denseTrunk({ width: 16, depth: 2, dropout: 0.2 }),
      make: () => ({ tasks: numbers() }),
    },
    {
      name: 'a third column that hears two of other kinds and widths',
      trunk: convTrunk({ width: 16, depth: 3, kernel: 3, dropout: 0.1 }),
      make: () => ({ tasks: [convPictures, soundTask] }),
      grow: [
        { tasks: [sentenceTask], trunk: denseTrunk({ width: 12, depth: 3, dropout: 0.1 }), laterals: 'linear' },
        {
          // One goes through an earlier stem, the others bring their own tokens.
          tasks: [patchPictures, ...numbers()],
          trunk: transformerTrunk({ width: 8, depth: 3, heads: 2, dropout: 0.1 }),
        },
      ],
    },
    {
      name: 'an encoder like ViT, with dropout',
      trunk: encoderTrunk({ width: 16, depth: 2, heads: 2, dropout: 0.1 }),
      make: () => ({ tasks: encodedTasks }),
    },
    {
      name: 'a frozen stem and block, a block that is frozen later, and rates',
      trunk: encoderTrunk({ width: 16, depth: 2, heads: 2, dropout: 0.1 }),
      make: () => ({ tasks: [convPictures, sentenceTask] }),
      options: {
        parameters: [
          { match: 'stem/conv-pictures/*', frozen: true },
          { match: 'trunk/block-0/*', frozen: { until: 1 } },
          { match: 'trunk/block-1/*', frozen: { from: 2 } },
          { match: 'stem/sentences/*', learningRate: 0.1 },
        ],
      },
    },
    {
      name: 'an encoder like BERT, with GELU by tanh',
      trunk: encoderTrunk({ width: 16, depth: 1, heads: 2, norm: 'post', gelu: 'tanh', hidden: 24 }),
      make: () => ({ tasks: encodedTasks }),
    },
    {
      name: 'every way to make one vector of the tokens, positions by sines and none',
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      make: () => ({ tasks: pooledTasks }),
    },
    {
      name: 'words by their pieces',
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      make: () => ({
        tasks: [
          defineTask({
            ...sentenceTask,
            stem: text.tokenStem({
              vocabulary: text.wordVocabulary(WORDS.slice(2)),
              length: 8,
              dropout: 0.2,
              wordDropout: 0.2,
              pieces: 40,
            }),
          }),
        ],
      }),
    },
    {
      name: 'augmentations and mixtures, blocks with stochastic depth',
      trunk: stackedTrunk(
        transformerTrunk({ width: 16, depth: 1, heads: 2, stochasticDepth: 0.3 }),
        convTrunk({ width: 16, depth: 2, stochasticDepth: 0.3 }),
      ),
      make: () => ({ tasks: [...changedPictures, changedSounds, changedSentences] }),
    },
    {
      name: 'masks of pictures, and what is said',
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      make: () => ({ tasks: [segmentedTask, spokenTask] }),
    },
    {
      name: 'pictures by residual steps',
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      make: () => ({ tasks: [residualPictures] }),
    },
    {
      name: 'sounds and features of many lengths',
      trunk: convTrunk({ width: 16, depth: 1, kernel: 3 }),
      make: () => ({ tasks: varyingTasks }),
    },
    {
      name: 'labels of words',
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      make: () => ({ tasks: [slotsTask] }),
    },
    {
      name: 'writing by a decoder with dropout, beside a classifier',
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2, dropout: 0.1, stochasticDepth: 0.2, decoder: 2 }),
      make: () => ({ tasks: [writingTask, sentenceTask] }),
    },
    {
      name: 'writing by a MultiModel with experts, beside a classifier',
      trunk: multiModelTrunk({ width: 16, encoder: 1, mixer: 1, decoder: 1, experts: 3, k: 2, heads: 2 }),
      make: () => ({ tasks: [writingTask, sentenceTask] }),
    },
    {
      name: 'acting by policy and by value, and the tempo, in a stack of blocks',
      trunk: stackedTrunk(
        convTrunk({ width: 16, depth: 1, kernel: 3 }),
        transformerTrunk({ width: 16, depth: 1, heads: 2, dropout: 0.1 }),
        denseTrunk({ width: 16, depth: 1 }),
      ),
      make: () => ({ tasks: [acting('ppo'), acting('a2c'), valuing, gatheredTask, drawnTask, beatsTask] }),
    },
    { name: 'tables, read as one token', trunk: dense, make: () => ({ tasks: tableTasks('joined') }) },
    {
      name: 'tables, read cell by cell',
      trunk: transformerTrunk({ width: 16, depth: 1, heads: 2 }),
      make: () => ({ tasks: tableTasks('columns') }),
    },
    ...softly.map(
      ([name, trunk, grow]): Case => ({
        name: `tasks that share softly: ${name}`,
        trunk,
        make: () => ({ tasks: [...sharedTasks(), numbersTask('apart')] }),
        ...(grow === undefined ? {} : { grow: [grow] }),
      }),
    ),
    { name: 'a shared source and stem', trunk: dense, make: () => ({ tasks: sharedTasks() }) },
    { name: 'a tf.layers model, a record of outputs', trunk: dense, make: layersTask },
    withOptimizer('adam', adam({ learningRate: 0.01, weightDecay: 0.1 })),
    withOptimizer('adamW', adamW({ learningRate: 0.01, weightDecay: 0.1 })),
    withOptimizer('momentum', sgd({ learningRate: 0.01, momentum: 0.9, weightDecay: 0.01, dampening: 0.1 })),
    withOptimizer('nesterov', sgd({ learningRate: 0.01, momentum: 0.9, nesterov: true })),
    withOptimizer('rmsprop', rmsprop({ learningRate: 0.001, momentum: 0.9, weightDecay: 0.1 })),
    withOptimizer('adagrad', adagrad({ learningRate: 0.05, weightDecay: 0.1 })),
    withOptimizer('adafactor', adafactor({ learningRate: 0.05, weightDecay: 0.1 })),
    withOptimizer('lion', lion({ learningRate: 0.003, weightDecay: 0.1 })),
    withOptimizer('lamb', lamb({ learningRate: 0.01, weightDecay: 0.1 })),
    {
      name: 'muon, with kernels of convolutions',
      trunk: convTrunk({ width: 16, depth: 1, kernel: 3 }),
      make: () => ({ tasks: [convPictures, sentenceTask] }),
      options: { optimizer: muon({ learningRate: 0.01 }) },
    },
    withOptimizer('schedule-free adamW', scheduleFreeAdamW({ learningRate: 0.01, warmup: 5, weightDecay: 0.1 })),
    withOptimizer('clipping', sgd({ learningRate: 0.1 }), { clip: 0.05 }),
    withOptimizer('accumulation', adamW({ learningRate: 0.01 }), { accumulate: 4 }),
    withOptimizer('no clipping', sgd({ learningRate: 0.01 }), { clip: Number.POSITIVE_INFINITY }),
    withOptimizer('adam, no clipping', adam({ learningRate: 0.01, weightDecay: 0.1 }), {
      clip: Number.POSITIVE_INFINITY,
    }),
    withOptimizer('adamW, no clipping', adamW({ learningRate: 0.01, weightDecay: 0.1 }), {
      clip: Number.POSITIVE_INFINITY,
    }),
  ];
}

/** The joint network of the examples; undefined where its data sets are not. */
export function jointCase(): Case | undefined {
  const tasks = [clothing, spokenDigits, intents];
  if (!tasks.every(({ source }) => source.facts?.found !== undefined)) return undefined;
  return {
    name: 'the joint network',
    trunk: transformerTrunk({ width: 128, depth: 4, heads: 4 }),
    make: () => ({ tasks }),
    options: { optimizer: sgd({ learningRate: 0.002 }), clip: 1 },
  };
}

/** The gradient of a network's first step, by variable. */
async function firstGradient(
  network: Network,
  batch: number,
  compile: CompileMode,
): Promise<Record<string, Float32Array>> {
  const { body } = internals(network);
  const tasks = body.columns.at(-1)!.tasks;
  const passes = passesOf(tasks);
  const hosts = await Promise.all(
    passes.map(async (pass) => {
      const indices = Array.from({ length: batch }, (_, i) => i);
      const context = NO_NETWORK;
      return assemble(pass, await readExamples('case', pass.source, 'training', indices, context));
    }),
  );
  const results = await body.runner.run(
    {
      kind: 'test',
      key: ['gradient'],
      inputs: hostInputs(hosts, { step: 1, seed: 0, learningRate: 1 }),
      variables: body.store.all().map(({ tensor }) => tensor),
      trace: (tensors) => {
        const variables = trainedVariables(body, tasks);
        const { variables: reached, gradients } = gradientsOf(
          { body, tasks, passes, variables },
          stepInputs(passes, tensors),
        );
        return Object.fromEntries(reached.map(({ name }, i) => [name, gradients[i]!]));
      },
    },
    compile,
  );
  return Object.fromEntries(Object.entries(results).map(([name, { values }]) => [name, values as Float32Array]));
}

export interface Run {
  /** Of the first step. */
  readonly gradient: Readonly<Record<string, Float32Array>>;
  /** By step, the tasks' in their order, then the gradient's norm. */
  readonly figures: readonly (readonly number[])[];
  /** By name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly predictions: string;
}

/** Steps of a case: more than an epoch of its data. */
export const STEPS = 8;

/** Makes the network of a case with the first weights of a seed, for as long as it is used. */
async function withNetwork<T>(one: Case, seed: number, use: (network: Network) => Promise<T>): Promise<T> {
  const { tasks, done } = one.make();
  const network: Network = await createNetwork({ trunk: one.trunk, tasks, seed });
  try {
    for (const column of one.grow ?? []) await network.addColumn(column);
    return await use(network);
  } finally {
    network.dispose();
    done?.();
  }
}

const BATCH = 8;

/** The gradient of a case's first step alone. */
export const gradientOf = (one: Case, compile: CompileMode, seed: number): Promise<Run['gradient']> =>
  withNetwork(one, seed, (network) => firstGradient(network, BATCH, compile));

/** Trains a case from the first weights of a seed. */
export const runCase = (one: Case, compile: CompileMode, steps = STEPS, seed = 3): Promise<Run> =>
  withNetwork(one, seed, async (network) => {
    const figures: number[][] = [];
    const gradient = await firstGradient(network, BATCH, compile);
    // It moved the running statistics; both ways alike.
    const events = train(network, {
      steps,
      batch: BATCH,
      seed: 4,
      optimizer: sgd({ learningRate: 0.05 }),
      schedule: constantSchedule(),
      ...one.options,
      compile,
    });
    await lastValueFrom(
      events.pipe(
        tap((event) => {
          if (event.kind === 'step')
            figures.push([...Object.values(event.losses).map((loss) => loss!), event.gradientNorm]);
        }),
      ),
    );
    const weights = new Map(
      internals(network)
        .body.store.all()
        .map(({ name, tensor }) => [name, Float32Array.from(tensor.dataSync())]),
    );
    const predictions: unknown[] = [];
    for (const { name, source } of network.tasks) {
      // As many as a graph takes: another number is padded, and a product of other size may round otherwise.
      const examples = await source.read('training', [0, 1, 2, 3], NO_NETWORK);
      const given = examples.map(({ input }: { readonly input: unknown }) => input);
      predictions.push(await network.predict(name, given as never, { compile }));
    }
    return { gradient, figures, weights, predictions: JSON.stringify(predictions) };
  });
