import { INT, type OpAttribute, STRING, typeAttribute } from '../tensorflow/attributes.ts';
import { FLOAT } from '../tensorflow/types.ts';
import { nodeBackend, type Values } from '../tfjs-node/backend.ts';

// types.proto: DataType.
const [INT32, UINT8, TEXT, INT64] = [3, 4, 7, 9];

const NO_COLOUR = Uint8Array.of(255, 0, 0, 255);

let count = 0;

/**
 * Writes the event files of TensorBoard by TensorFlow's own operations. Every write reaches the file at once. Only where
 * `hasOperations()`; each member throws TensorFlow's error where the file cannot be written.
 */
export class SummaryWriter {
  readonly #writer: number;

  /** Begins a new file in the folder, which is made where it is missing. */
  constructor(folder: string) {
    const name = [
      { name: 'shared_name', type: STRING!, value: `banyan-summaries-${process.pid}-${++count}` },
      { name: 'container', type: STRING!, value: '' },
    ];
    this.#writer = nodeBackend().binding.executeOp('SummaryWriter', name, [], 1)[0]!.id;
    // The queue's length and the milliseconds between two flushes: each write is flushed.
    this.#run('CreateSummaryFileWriter', [
      text(folder),
      [INT32, [], Int32Array.of(0)],
      [INT32, [], Int32Array.of(0)],
      text(''),
    ]);
  }

  /** Writes a `Summary` (summary.proto). */
  summary(step: number, summary: Uint8Array): void {
    this.#run('WriteRawProtoSummary', [long(step), text(summary)]);
  }

  /** Writes an `Event` (event.proto). */
  event(event: Uint8Array): void {
    this.#run('ImportEvent', [text(event)]);
  }

  histogram(step: number, tag: string, values: Float32Array): void {
    this.#run(
      'WriteHistogramSummary',
      [long(step), text(tag), [FLOAT, [values.length], values]],
      [typeAttribute('T', FLOAT)],
    );
  }

  /** `rgb`: `[height, width, 3]`. */
  image(step: number, tag: string, { width, height, rgb }: { width: number; height: number; rgb: Uint8Array }): void {
    this.#run(
      'WriteImageSummary',
      [long(step), text(tag), [UINT8, [1, height, width, 3], rgb], [UINT8, [4], NO_COLOUR]],
      [typeAttribute('T', UINT8), { name: 'max_images', type: INT!, value: 1 }],
    );
  }

  /** `samples`: of one channel, at most 1 in size. */
  audio(step: number, tag: string, samples: Float32Array, sampleRate: number): void {
    this.#run(
      'WriteAudioSummary',
      [long(step), text(tag), [FLOAT, [1, samples.length, 1], samples], [FLOAT, [], Float32Array.of(sampleRate)]],
      [{ name: 'max_outputs', type: INT!, value: 1 }],
    );
  }

  close(): void {
    const { binding } = nodeBackend();
    this.#run('CloseSummaryWriter', []);
    binding.deleteTensor(this.#writer);
  }

  #run(op: string, inputs: readonly Input[], attributes: readonly OpAttribute[] = []): void {
    const { binding } = nodeBackend();
    const ids: number[] = [];
    try {
      for (const [dtype, shape, values] of inputs) ids.push(binding.createTensor([...shape], dtype, values as Values));
      binding.executeOp(op, attributes, [this.#writer, ...ids], 0);
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }
}

type Input = readonly [dtype: number, shape: readonly number[], values: Values | readonly Uint8Array[]];

const text = (value: string | Uint8Array): Input => [
  TEXT!,
  [],
  [typeof value === 'string' ? new TextEncoder().encode(value) : value],
];

/** A whole number of 64 bits, which the binding takes as two of 32, the lower first. */
const long = (value: number): Input => [INT64!, [], Int32Array.of(value | 0, Math.floor(value / 2 ** 32))];
