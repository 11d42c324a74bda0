import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BanyanError } from '../../error.ts';
import { pin } from '../install/process.ts';

/** An address in the library's memory. */
export type Pointer = bigint;

/** One output of a graph's operation. */
export interface GraphOutput {
  readonly oper: Pointer;
  readonly index: number;
}

type AsyncDone = (error: Error | null) => void;

/** The part of TensorFlow's C API (c_api.h, eager/c_api.h) that is used, under its own names. Dimensions are int64. */
export interface Library {
  TF_NewStatus(): Pointer;
  TF_DeleteStatus(status: Pointer): void;
  TF_GetCode(status: Pointer): number;
  TF_SetStatus(status: Pointer, code: number, message: string): void;
  TF_Message(status: Pointer): string;

  TF_AllocateTensor(dtype: number, dims: BigInt64Array, rank: number, bytes: number): Pointer;
  TF_TensorData(tensor: Pointer): Pointer;
  TF_TensorByteSize(tensor: Pointer): number;
  TF_TensorType(tensor: Pointer): number;
  TF_NumDims(tensor: Pointer): number;
  TF_Dim(tensor: Pointer, axis: number): number;
  TF_DeleteTensor(tensor: Pointer): void;

  TF_NewBuffer(): Pointer;
  TF_DeleteBuffer(buffer: Pointer): void;

  TF_NewGraph(): Pointer;
  TF_DeleteGraph(graph: Pointer): void;
  TF_GraphGetOpDef(graph: Pointer, name: string, buffer: Pointer, status: Pointer): void;
  TF_GraphToGraphDef(graph: Pointer, buffer: Pointer, status: Pointer): void;
  /** null where there is none of this name. */
  TF_GraphOperationByName(graph: Pointer, name: string): Pointer | null;
  TF_NewOperation(graph: Pointer, type: string, name: string): Pointer;
  TF_AddInput(description: Pointer, input: GraphOutput): void;
  TF_AddInputList(description: Pointer, inputs: readonly GraphOutput[], count: number): void;
  TF_AddControlInput(description: Pointer, operation: Pointer): void;
  TF_SetAttrString(description: Pointer, name: string, value: Uint8Array, length: number): void;
  TF_SetAttrInt(description: Pointer, name: string, value: number): void;
  TF_SetAttrIntList(description: Pointer, name: string, values: BigInt64Array, count: number): void;
  TF_SetAttrFloat(description: Pointer, name: string, value: number): void;
  TF_SetAttrFloatList(description: Pointer, name: string, values: Float32Array, count: number): void;
  TF_SetAttrBool(description: Pointer, name: string, value: number): void;
  TF_SetAttrType(description: Pointer, name: string, value: number): void;
  TF_SetAttrTypeList(description: Pointer, name: string, values: Int32Array, count: number): void;
  TF_SetAttrShape(description: Pointer, name: string, dims: BigInt64Array, rank: number): void;
  TF_SetAttrTensor(description: Pointer, name: string, tensor: Pointer, status: Pointer): void;
  TF_FinishOperation(description: Pointer, status: Pointer): Pointer;
  TF_OperationNumOutputs(operation: Pointer): number;
  TF_OperationOutputType(output: GraphOutput): number;
  TF_GraphGetTensorNumDims(graph: Pointer, output: GraphOutput, status: Pointer): number;
  TF_GraphGetTensorShape(graph: Pointer, output: GraphOutput, dims: BigInt64Array, rank: number, status: Pointer): void;
  TF_GraphSetTensorShape(graph: Pointer, output: GraphOutput, dims: BigInt64Array, rank: number, status: Pointer): void;
  TF_GraphToFunctionWithControlOutputs(
    graph: Pointer,
    name: string,
    appendHash: number,
    operationCount: number,
    operations: null,
    inputCount: number,
    inputs: readonly GraphOutput[],
    outputCount: number,
    outputs: readonly GraphOutput[],
    outputNames: null,
    controlCount: number,
    controls: readonly Pointer[],
    controlNames: null,
    options: null,
    description: string,
    status: Pointer,
  ): Pointer;
  TF_DeleteFunction(fn: Pointer): void;

  TF_NewBufferFromString(bytes: Uint8Array, length: number): Pointer;
  TF_NewSessionOptions(): Pointer;
  TF_DeleteSessionOptions(options: Pointer): void;
  TF_SetConfig(options: Pointer, config: Uint8Array, length: number, status: Pointer): void;
  TF_NewSession(graph: Pointer, options: Pointer, status: Pointer): Pointer;
  TF_LoadSessionFromSavedModel(
    options: Pointer,
    runOptions: null,
    folder: string,
    tags: readonly string[],
    tagCount: number,
    graph: Pointer,
    metaGraph: null,
    status: Pointer,
  ): Pointer;
  TF_DeleteSession(session: Pointer, status: Pointer): void;
  TF_SessionRun(
    session: Pointer,
    options: Pointer | null,
    inputs: readonly GraphOutput[],
    inputValues: readonly Pointer[],
    inputCount: number,
    outputs: readonly GraphOutput[],
    outputValues: (Pointer | null)[],
    outputCount: number,
    targets: readonly Pointer[],
    targetCount: number,
    metadata: Pointer | null,
    status: Pointer,
  ): void;

  TFE_NewContextOptions(): Pointer;
  TFE_ContextOptionsSetConfig(options: Pointer, config: Uint8Array, length: number, status: Pointer): void;
  TFE_DeleteContextOptions(options: Pointer): void;
  TFE_NewContext(options: Pointer, status: Pointer): Pointer;
  TFE_EnableCollectiveOps: {
    async(context: Pointer, serverDef: Uint8Array, length: number, status: Pointer, done: AsyncDone): void;
  };
  TFE_AbortCollectiveOps(context: Pointer, status: Pointer): void;
  TFE_ContextAddFunction(context: Pointer, fn: Pointer, status: Pointer): void;
  TFE_ContextRemoveFunction(context: Pointer, name: string, status: Pointer): void;
  TFE_NewOp(context: Pointer, name: string, status: Pointer): Pointer;
  TFE_DeleteOp(op: Pointer): void;
  TFE_OpAddInput(op: Pointer, handle: Pointer, status: Pointer): void;
  TFE_OpAddInputList(op: Pointer, handles: BigInt64Array, count: number, status: Pointer): void;
  TFE_OpSetAttrType(op: Pointer, name: string, value: number): void;
  TFE_OpSetAttrShape(op: Pointer, name: string, dims: BigInt64Array, rank: number, status: Pointer): void;
  TFE_OpSetAttrString(op: Pointer, name: string, value: Uint8Array, length: number): void;
  TFE_OpSetAttrBool(op: Pointer, name: string, value: number): void;
  TFE_Execute: {
    (op: Pointer, outputs: (Pointer | null)[], count: [number], status: Pointer): void;
    /** On a thread of its own; `done` is called in a later turn of the event loop. */
    async(op: Pointer, outputs: (Pointer | null)[], count: [number], status: Pointer, done: AsyncDone): void;
  };
  TFE_NewTensorHandle(tensor: Pointer, status: Pointer): Pointer;
  TFE_TensorHandleResolve(handle: Pointer, status: Pointer): Pointer;
  TFE_DeleteTensorHandle(handle: Pointer): void;

  /** The C library's own, to move numbers between typed arrays and TensorFlow's memory. */
  copyIn(to: Pointer, from: ArrayBufferView, bytes: number): void;
  copyOut(to: ArrayBufferView, from: Pointer, bytes: number): void;
  /** The bytes in a TF_Buffer. */
  readBuffer(buffer: Pointer): Uint8Array;
}

const DECLARATIONS = `
  void *TF_NewStatus()
  void TF_DeleteStatus(void *s)
  int TF_GetCode(void *s)
  void TF_SetStatus(void *s, int code, const char *message)
  const char *TF_Message(void *s)
  void *TF_AllocateTensor(int t, const int64_t *dims, int n, size_t bytes)
  void *TF_TensorData(void *t)
  size_t TF_TensorByteSize(void *t)
  int TF_TensorType(void *t)
  int TF_NumDims(void *t)
  int64_t TF_Dim(void *t, int axis)
  void TF_DeleteTensor(void *t)
  void *TF_NewBuffer()
  void TF_DeleteBuffer(void *b)
  void *TF_NewGraph()
  void TF_DeleteGraph(void *g)
  void TF_GraphGetOpDef(void *g, const char *name, void *b, void *s)
  void TF_GraphToGraphDef(void *g, void *b, void *s)
  void *TF_GraphOperationByName(void *g, const char *name)
  void *TF_NewOperation(void *g, const char *type, const char *name)
  void TF_AddInput(void *d, BanyanOutput input)
  void TF_AddInputList(void *d, const BanyanOutput *inputs, int n)
  void TF_AddControlInput(void *d, void *operation)
  void TF_SetAttrString(void *d, const char *name, const void *value, size_t length)
  void TF_SetAttrInt(void *d, const char *name, int64_t value)
  void TF_SetAttrIntList(void *d, const char *name, const int64_t *values, int n)
  void TF_SetAttrFloat(void *d, const char *name, float value)
  void TF_SetAttrFloatList(void *d, const char *name, const float *values, int n)
  void TF_SetAttrBool(void *d, const char *name, uint8_t value)
  void TF_SetAttrType(void *d, const char *name, int value)
  void TF_SetAttrTypeList(void *d, const char *name, const int *values, int n)
  void TF_SetAttrShape(void *d, const char *name, const int64_t *dims, int n)
  void TF_SetAttrTensor(void *d, const char *name, void *t, void *s)
  void *TF_FinishOperation(void *d, void *s)
  int TF_OperationNumOutputs(void *o)
  int TF_OperationOutputType(BanyanOutput o)
  int TF_GraphGetTensorNumDims(void *g, BanyanOutput o, void *s)
  void TF_GraphGetTensorShape(void *g, BanyanOutput o, int64_t *dims, int n, void *s)
  void TF_GraphSetTensorShape(void *g, BanyanOutput o, const int64_t *dims, int n, void *s)
  void *TF_GraphToFunctionWithControlOutputs(void *g, const char *name, uint8_t hash, int nops, void *ops, int nin, const BanyanOutput *in, int nout, const BanyanOutput *out, void *names, int ncontrol, void **control, void *controlNames, void *options, const char *description, void *s)
  void TF_DeleteFunction(void *f)
  void *TF_NewBufferFromString(const void *bytes, size_t length)
  void *TF_NewSessionOptions()
  void TF_DeleteSessionOptions(void *o)
  void TF_SetConfig(void *o, const void *config, size_t length, void *s)
  void *TF_NewSession(void *g, void *o, void *s)
  void *TF_LoadSessionFromSavedModel(void *o, void *run, const char *folder, const char **tags, int ntags, void *g, void *meta, void *s)
  void TF_DeleteSession(void *session, void *s)
  void TF_SessionRun(void *session, void *options, const BanyanOutput *in, void **values, int nin, const BanyanOutput *out, _Out_ void **results, int nout, void **targets, int ntargets, void *metadata, void *s)
  void *TFE_NewContextOptions()
  void TFE_ContextOptionsSetConfig(void *o, const void *config, size_t length, void *s)
  void TFE_DeleteContextOptions(void *o)
  void *TFE_NewContext(void *o, void *s)
  void TFE_EnableCollectiveOps(void *c, const void *serverDef, size_t length, void *s)
  void TFE_AbortCollectiveOps(void *c, void *s)
  void TFE_ContextAddFunction(void *c, void *f, void *s)
  void TFE_ContextRemoveFunction(void *c, const char *name, void *s)
  void *TFE_NewOp(void *c, const char *name, void *s)
  void TFE_DeleteOp(void *o)
  void TFE_OpAddInput(void *o, void *h, void *s)
  void TFE_OpAddInputList(void *o, const int64_t *handles, int n, void *s)
  void TFE_OpSetAttrType(void *o, const char *name, int value)
  void TFE_OpSetAttrShape(void *o, const char *name, const int64_t *dims, int n, void *s)
  void TFE_OpSetAttrString(void *o, const char *name, const void *value, size_t length)
  void TFE_OpSetAttrBool(void *o, const char *name, uint8_t value)
  void TFE_Execute(void *o, _Out_ void **outputs, _Inout_ int *n, void *s)
  void *TFE_NewTensorHandle(void *t, void *s)
  void *TFE_TensorHandleResolve(void *h, void *s)
  void TFE_DeleteTensorHandle(void *h)
`;

let opened: Library | undefined;

/**
 * The C library in this folder, which the binding has loaded already: the same one, not a second copy. Once in a thread.
 * @throws BanyanError `runtime` where it is not there, lacks a function, or koffi has no build for the platform.
 */
export function openLibrary(folder: string): Library {
  if (opened !== undefined) return opened;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    // The wheels split what the stock package has in one file; statuses and tensors live in the second.
    const files = ['libtensorflow_cc.so.2', 'libtensorflow.so.2', 'libtensorflow_framework.so.2']
      .map((name) => join(folder, name))
      .filter((path) => existsSync(path));
    if (files.length === 0) throw new Error('no libtensorflow is there');
    files.forEach(pin);
    const libraries = files.map((path) => koffi.load(path));
    koffi.struct('BanyanOutput', { oper: 'void *', index: 'int' });
    const bound: Record<string, unknown> = {};
    for (const declaration of DECLARATIONS.trim().split('\n')) {
      const name = /(TFE?_\w+)\(/.exec(declaration)![1]!;
      const holder = libraries.find((library) => has(library, name));
      if (holder === undefined) throw new Error(`it has no ${name}`);
      bound[name] = holder.func(declaration.trim());
    }
    const libc = koffi.load(null);
    const buffer = koffi.struct({ data: 'void *', length: 'size_t', deallocator: 'void *' });
    const copyOut = libc.func('void *memcpy(void *to, void *from, size_t n)') as (
      to: ArrayBufferView,
      from: Pointer,
      bytes: number,
    ) => void;
    bound.copyIn = copyOut;
    bound.copyOut = copyOut;
    bound.readBuffer = (pointer: Pointer) => {
      const { data, length } = koffi.decode(pointer, buffer) as { data: Pointer; length: number };
      const bytes = new Uint8Array(Number(length));
      if (bytes.length > 0) copyOut(bytes, data, bytes.length);
      return bytes;
    };
    return (opened = bound as unknown as Library);
  } catch (cause) {
    throw new BanyanError(
      'runtime',
      `TensorFlow's C library cannot be used: expected it in ${folder}, and ${(cause as Error).message}. Run \`banyan setup\`, or train with \`compile: 'eager'\`.`,
      { cause },
    );
  }
}

function has(library: { symbol(name: string): unknown }, name: string): boolean {
  try {
    return library.symbol(name) != null;
  } catch {
    return false;
  }
}
