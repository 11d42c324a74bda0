import type * as tf from '@tensorflow/tfjs';
import { scalar } from '@tensorflow/tfjs';
import { operation } from '../runtime/index.ts';
import { INT, type OpAttribute, REAL, STRING, typeAttribute } from '../runtime/tensorflow/attributes.ts';
import { Graph, type Node } from '../runtime/tensorflow/graph.ts';
import type { Context, HostTensor } from '../runtime/tensorflow/index.ts';
import { BFLOAT16, dtypeNumber, FLOAT, INT32 } from '../runtime/tensorflow/types.ts';
import { instanceOf } from './instances.ts';

/** All workers are one group. */
const GROUP = 1;
/** Without an end: a worker may have long to do before it comes. One that is gone is found by its heartbeat. */
const TIMEOUT = 0;

const attributesFor = (dtype: number): OpAttribute[] => [
  typeAttribute('T', dtype),
  { name: 'communication_hint', type: STRING, value: 'auto' },
  { name: 'timeout_seconds', type: REAL, value: TIMEOUT },
];
const UNORDERED: OpAttribute = { name: 'Nordering_token', type: INT, value: 0 };

/** In what type numbers go from worker to worker. */
export type Exchange = 'float32' | 'bfloat16';

/**
 * The sum over all workers of what each gives, float32, as a part of a computation that is a graph. `key` says what is summed, alike on all
 * workers. Nothing flows back through it. By `bfloat16` the numbers are rounded to that type before they are sent, and so is each sum on its
 * way round: half the bytes, 8 bits of precision, the same bits on all workers.
 */
export function sumOverWorkers<T extends tf.Tensor>(
  x: T,
  workers: number,
  key: string,
  exchange: Exchange = 'float32',
): T {
  const whole = (value: number) => scalar(value, 'int32');
  const instance = instanceOf(`sum ${exchange} ${workers} ${x.size} ${key}`);
  return operation<T>(
    'CollectiveReduceV2',
    [x, whole(workers), whole(GROUP), whole(instance)],
    [
      ...attributesFor(exchange === 'bfloat16' ? BFLOAT16 : FLOAT),
      { name: 'merge_op', type: STRING, value: 'Add' },
      { name: 'final_op', type: STRING, value: 'Id' },
      UNORDERED,
    ],
  );
}

let functions = 0;

/** Exchanges between the workers' programs, outside of a computation. All workers call the same ones in the same order. */
export class Exchanges {
  readonly #context: Context;
  readonly #workers: number;
  /** Functions of the context, by what they exchange. */
  readonly #made = new Map<string, string>();

  constructor(context: Context, workers: number) {
    this.#context = context;
    this.#workers = workers;
  }

  /** Brings each worker's numbers `[n]` to all, `[workers, n]`. */
  gather(host: HostTensor): Promise<HostTensor> {
    const [size] = host.shape as [number];
    const { dtype } = host;
    const name = this.#function(`gather ${this.#workers} ${dtype} ${size}`, (graph, keys) => {
      const input = graph.input(dtypeNumber(dtype), [1, size]);
      const attributes = [...attributesFor(dtypeNumber(dtype)), UNORDERED];
      return { inputs: [input], output: graph.single('CollectiveGatherV2', attributes, [input, ...keys]) };
    });
    return this.#call(name, [{ ...host, shape: [1, size] } as HostTensor]);
  }

  /** Sends numbers `[n]` to all other workers. */
  async send(host: HostTensor): Promise<void> {
    const dtype = dtypeNumber(host.dtype);
    const name = this.#function(`broadcast ${this.#workers} ${host.dtype} ${host.shape}`, (graph, keys) => {
      const input = graph.input(dtype, host.shape);
      return { inputs: [input], output: graph.single('CollectiveBcastSendV2', attributesFor(dtype), [input, ...keys]) };
    });
    await this.#call(name, [host]);
  }

  /** Receives what the chief sends. */
  receive({ shape, dtype }: Pick<HostTensor, 'shape' | 'dtype'>): Promise<HostTensor> {
    const name = this.#function(`broadcast ${this.#workers} ${dtype} ${shape}`, (graph, keys) => {
      const shapeNode = graph.constant([shape.length], INT32, Int32Array.from(shape));
      const attributes = [...attributesFor(dtypeNumber(dtype)), typeAttribute('Tshape', INT32)];
      return { inputs: [], output: graph.single('CollectiveBcastRecvV2', attributes, [...keys, shapeNode]) };
    });
    return this.#call(name, []);
  }

  #function(
    what: string,
    build: (graph: Graph, keys: readonly Node[]) => { readonly inputs: readonly Node[]; readonly output: Node },
  ): string {
    const before = this.#made.get(what);
    if (before !== undefined) return before;
    const context = this.#context;
    const graph = new Graph(context.library);
    const name = `banyan_exchange_${++functions}`;
    try {
      const whole = (value: number) => graph.constant([], INT32, Int32Array.of(value));
      const { inputs, output } = build(graph, [whole(this.#workers), whole(GROUP), whole(instanceOf(what))]);
      const fn = graph.toFunction(name, inputs, [output], []);
      try {
        context.addFunction(fn);
      } finally {
        context.library.TF_DeleteFunction(fn);
      }
    } finally {
      graph.dispose();
    }
    this.#made.set(what, name);
    return name;
  }

  async #call(name: string, inputs: readonly HostTensor[]): Promise<HostTensor> {
    const context = this.#context;
    const handles = inputs.map((input) => context.upload(input));
    try {
      const [output] = await context.executeAsync(name, context.call(name, handles), 1);
      try {
        return context.download(output!);
      } finally {
        context.release(output!);
      }
    } finally {
      for (const handle of handles) context.release(handle);
    }
  }
}
