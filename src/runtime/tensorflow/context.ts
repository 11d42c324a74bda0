import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { BanyanError } from '../../error.ts';
import { showBytes } from '../../show.ts';
import { outOfMemory, withinMemory } from '../memory.ts';
import { type ClusterPlace, clusterConfig, serverDef } from './cluster-def.ts';
import type { Library, Pointer } from './library.ts';
import { checked, failureOf, UNAVAILABLE } from './status.ts';
import { dims, dtypeNumber, dtypeOf, type HostTensor, sizeOf } from './types.ts';

/** Sets an operation's attributes. */
export type Attributes = (op: Pointer) => void;

/**
 * The shared name that gives each handle a variable of its own (resource_handle.h: ResourceHandle::ANONYMOUS_NAME). TensorFlow keeps a kernel
 * for each operation with other attributes for good: names of our own would be one for each variable that ever was.
 */
const ANONYMOUS = new TextEncoder().encode('cd2c89b7-88b7-44c8-ad83-06c2a9158347');

/** An eager context of our own, beside tfjs-node's: it holds variables and functions. */
export class Context {
  readonly library: Library;
  readonly threads: number;
  readonly #context: Pointer;
  readonly #config: Uint8Array;

  /** `cluster`: of a context that is to `join` one. */
  constructor(
    library: Library,
    options: { readonly threads: number; readonly grappler?: boolean; readonly cluster?: ClusterPlace },
  ) {
    this.library = library;
    this.threads = options.threads;
    const config = configBytes(options.threads, options.grappler ?? true, options.cluster);
    this.#config = config;
    const contextOptions = library.TFE_NewContextOptions();
    try {
      checked(library, 'Configuring TensorFlow', (status) =>
        library.TFE_ContextOptionsSetConfig(contextOptions, config, config.length, status),
      );
      this.#context = checked(library, 'Starting TensorFlow', (status) =>
        library.TFE_NewContext(contextOptions, status),
      );
    } finally {
      library.TFE_DeleteContextOptions(contextOptions);
    }
  }

  /**
   * Starts TensorFlow's server for the other processes of the cluster that this context was made for, and waits for all of them on another
   * thread; nothing ends that wait of the first process, that of the others ends by its time. For a context that holds nothing yet.
   */
  async join(cluster: ClusterPlace): Promise<void> {
    const { library } = this;
    const status = library.TF_NewStatus();
    const server = serverDef(cluster, this.#config);
    try {
      await new Promise<void>((resolve, reject) => {
        library.TFE_EnableCollectiveOps.async(this.#context, server, server.length, status, (error) =>
          error ? reject(error) : resolve(),
        );
      });
      const failure = failureOf(library, status, 'Joining');
      if (failure !== undefined) throw failure;
    } finally {
      library.TF_DeleteStatus(status);
    }
  }

  /** Lets all that this context exchanges with others, now and later, fail with a message: theirs too, where they exchange with it. */
  abort(message: string): void {
    const { library } = this;
    const status = library.TF_NewStatus();
    library.TF_SetStatus(status, UNAVAILABLE, message);
    library.TFE_AbortCollectiveOps(this.#context, status);
    library.TF_DeleteStatus(status);
  }

  /** A tensor in TensorFlow's memory, as a handle that the caller releases. */
  upload(host: HostTensor): Pointer {
    const { library } = this;
    const tensor = allocate(library, host);
    try {
      return checked(library, 'Uploading a tensor', (status) => library.TFE_NewTensorHandle(tensor, status));
    } finally {
      library.TF_DeleteTensor(tensor); // The handle shares its memory.
    }
  }

  /** The numbers behind a handle; waits for the device where they are not made yet. */
  download(handle: Pointer): HostTensor {
    const { library } = this;
    const tensor = checked(library, 'Reading a tensor', (status) => library.TFE_TensorHandleResolve(handle, status));
    try {
      return hostTensorOf(library, tensor);
    } finally {
      library.TF_DeleteTensor(tensor);
    }
  }

  release(handle: Pointer): void {
    this.library.TFE_DeleteTensorHandle(handle);
  }

  /** Runs one operation now; the outputs are handles that the caller releases. */
  execute(name: string, inputs: readonly Pointer[], outputs: number, attributes?: Attributes): Pointer[] {
    const { library } = this;
    const op = this.#prepare(name, attributes, (op, status) => {
      for (const input of inputs) library.TFE_OpAddInput(op, input, status);
    });
    return this.executeNow(name, op, outputs);
  }

  /** A call of a function, for `executeAsync` or `executeNow`, which free it, or `forget`. */
  call(name: string, inputs: readonly Pointer[], attributes?: Attributes): Pointer {
    // One call of the library for all: there may be hundreds.
    return this.#prepare(name, attributes, (op, status) =>
      this.library.TFE_OpAddInputList(op, BigInt64Array.from(inputs), inputs.length, status),
    );
  }

  forget(call: Pointer): void {
    this.library.TFE_DeleteOp(call);
  }

  /** Makes the call of the function `name` on another thread: the event loop goes on turning meanwhile. */
  async executeAsync(name: string, call: Pointer, outputs: number): Promise<Pointer[]> {
    const { library } = this;
    const status = library.TF_NewStatus();
    try {
      const results: (Pointer | null)[] = new Array(Math.max(1, outputs)).fill(null);
      await new Promise<void>((resolve, reject) => {
        library.TFE_Execute.async(call, results, [outputs], status, (error) => (error ? reject(error) : resolve()));
      });
      const failure = failureOf(library, status, name);
      if (failure !== undefined) throw failure;
      return results.slice(0, outputs) as Pointer[];
    } finally {
      library.TF_DeleteStatus(status);
      library.TFE_DeleteOp(call);
    }
  }

  /** Makes the call of the function `name` on this thread, which waits for it. */
  executeNow(name: string, call: Pointer, outputs: number): Pointer[] {
    const { library } = this;
    try {
      const results: (Pointer | null)[] = new Array(Math.max(1, outputs)).fill(null);
      checked(library, name, (status) => library.TFE_Execute(call, results, [outputs], status));
      return results.slice(0, outputs) as Pointer[];
    } finally {
      library.TFE_DeleteOp(call);
    }
  }

  #prepare(name: string, attributes: Attributes | undefined, give: (op: Pointer, status: Pointer) => void): Pointer {
    const { library } = this;
    return checked(library, name, (status) => {
      const op = library.TFE_NewOp(this.#context, name, status);
      if (library.TF_GetCode(status) !== 0) return op;
      give(op, status);
      attributes?.(op);
      return op;
    });
  }

  addFunction(fn: Pointer): void {
    checked(this.library, 'Adding a function', (status) =>
      this.library.TFE_ContextAddFunction(this.#context, fn, status),
    );
  }

  removeFunction(name: string): void {
    checked(this.library, 'Removing a function', (status) =>
      this.library.TFE_ContextRemoveFunction(this.#context, name, status),
    );
  }

  /** A variable of its own in this context: a handle to its resource, without a value yet. */
  createVariable(dtype: number, shape: readonly number[]): Pointer {
    const { library } = this;
    return this.execute('VarHandleOp', [], 1, (op) => {
      library.TFE_OpSetAttrType(op, 'dtype', dtype);
      checked(library, 'A variable', (status) =>
        library.TFE_OpSetAttrShape(op, 'shape', dims(shape), shape.length, status),
      );
      library.TFE_OpSetAttrString(op, 'shared_name', ANONYMOUS, ANONYMOUS.length);
    })[0]!;
  }

  assignVariable(variable: Pointer, dtype: number, value: Pointer): void {
    this.execute('AssignVariableOp', [variable, value], 0, (op) => this.library.TFE_OpSetAttrType(op, 'dtype', dtype));
  }

  readVariable(variable: Pointer, dtype: number): Pointer {
    return this.execute('ReadVariableOp', [variable], 1, (op) =>
      this.library.TFE_OpSetAttrType(op, 'dtype', dtype),
    )[0]!;
  }

  /** Frees the variable's memory and its handle. */
  destroyVariable(variable: Pointer): void {
    this.execute('DestroyResourceOp', [variable], 0);
    this.release(variable);
  }
}

/** The numbers of a tensor, which the caller deletes. */
export function hostTensorOf(library: Library, tensor: Pointer): HostTensor {
  const dtype = dtypeOf(library.TF_TensorType(tensor));
  if (dtype === undefined)
    throw new BanyanError(
      'runtime',
      `A tensor of TensorFlow's type ${library.TF_TensorType(tensor)} cannot be read: expected float32, int32 or bool. Cast it in the graph.`,
    );
  const shape = Array.from({ length: library.TF_NumDims(tensor) }, (_, axis) => Number(library.TF_Dim(tensor, axis)));
  const size = sizeOf(shape);
  const values = withinMemory('Reading a tensor', () =>
    dtype === 'float32' ? new Float32Array(size) : dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size),
  );
  if (size > 0) library.copyOut(values, library.TF_TensorData(tensor), values.byteLength);
  return { shape, dtype, values } as HostTensor;
}

/** Makes a TF_Tensor of the numbers, which the caller deletes. @throws BanyanError `memory` where TensorFlow finds none for it. */
export function allocate(library: Library, { shape, dtype, values }: HostTensor): Pointer {
  const size = sizeOf(shape);
  if (values.length !== size)
    throw new BanyanError(
      'shape',
      `A tensor of shape [${shape}] takes ${size} numbers, received ${values.length}. Give that many, or another shape.`,
    );
  const tensor = library.TF_AllocateTensor(dtypeNumber(dtype), dims(shape), shape.length, values.byteLength);
  if (values.byteLength === 0 && tensor !== null) return tensor;
  // Without memory it gives a tensor that has none.
  const data = tensor === null ? null : library.TF_TensorData(tensor);
  if (data === null) {
    if (tensor !== null) library.TF_DeleteTensor(tensor);
    const said = `TensorFlow found none for ${showBytes(values.byteLength)}`;
    throw outOfMemory(`A tensor of shape [${shape.join(', ')}]`, said);
  }
  library.copyIn(data, values, values.byteLength);
  return tensor!;
}

// config.proto: ConfigProto.intra_op_parallelism_threads, .inter_op_parallelism_threads, .graph_options;
// GraphOptions.rewrite_options; RewriterConfig.disable_meta_optimizer; ConfigProto.experimental.
const [INTRA_OP, INTER_OP, GRAPH_OPTIONS, REWRITE_OPTIONS, DISABLE_META_OPTIMIZER, EXPERIMENTAL] = [
  2, 5, 10, 10, 19, 16,
];
const [VARINT, BYTES] = [0, 2];

export function configBytes(threads: number, grappler: boolean, cluster?: ClusterPlace): Uint8Array {
  const config = new BinaryWriter().tag(INTRA_OP, VARINT).int32(threads).tag(INTER_OP, VARINT).int32(threads);
  if (!grappler) {
    const rewrite = new BinaryWriter().tag(DISABLE_META_OPTIMIZER, VARINT).bool(true).finish();
    const graph = new BinaryWriter().tag(REWRITE_OPTIONS, BYTES).bytes(rewrite).finish();
    config.tag(GRAPH_OPTIONS, BYTES).bytes(graph);
  }
  if (cluster !== undefined) config.tag(EXPERIMENTAL, BYTES).bytes(clusterConfig(cluster));
  return config.finish();
}
