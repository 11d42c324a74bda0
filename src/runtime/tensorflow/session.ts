import { type BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { eachField } from '../../protobuf.ts';
import { allocate, configBytes } from './context.ts';
import type { Graph, Node } from './graph.ts';
import type { Library, Pointer } from './library.ts';
import { checked } from './status.ts';
import type { HostTensor } from './types.ts';

/** One operation that ran: when (microseconds since the step began), and for how long. */
export interface NodeTime {
  /** The node's name in the graph. */
  readonly node: string;
  readonly op: string;
  readonly device: string;
  readonly start: number;
  readonly duration: number;
}

/** Runs a graph by TensorFlow's older interface, which is the one that tells how long each operation took. */
export class Session {
  readonly #library: Library;
  readonly #session: Pointer;

  constructor(graph: Graph, threads: number) {
    const library = (this.#library = graph.library);
    const options = library.TF_NewSessionOptions();
    const config = configBytes(threads, true);
    try {
      checked(library, 'Configuring a session', (status) =>
        library.TF_SetConfig(options, config, config.length, status),
      );
      this.#session = checked(library, 'Starting a session', (status) =>
        library.TF_NewSession(graph.pointer, options, status),
      );
    } finally {
      library.TF_DeleteSessionOptions(options);
    }
  }

  /** Runs these effects once; with `timed`, what each operation took. */
  run(inputs: ReadonlyMap<Node, HostTensor>, effects: readonly Pointer[], timed = false): NodeTime[] {
    const library = this.#library;
    const values = [...inputs.values()].map((value) => allocate(library, value));
    const options = timed ? library.TF_NewBufferFromString(FULL_TRACE, FULL_TRACE.length) : null;
    const metadata = timed ? library.TF_NewBuffer() : null;
    try {
      checked(library, 'Running a session', (status) =>
        library.TF_SessionRun(
          this.#session,
          options,
          [...inputs.keys()].map(({ output }) => output),
          values,
          values.length,
          [],
          [],
          0,
          effects,
          effects.length,
          metadata,
          status,
        ),
      );
      return metadata === null ? [] : parseRunMetadata(library.readBuffer(metadata));
    } finally {
      for (const value of values) library.TF_DeleteTensor(value);
      if (options !== null) library.TF_DeleteBuffer(options);
      if (metadata !== null) library.TF_DeleteBuffer(metadata);
    }
  }

  dispose(): void {
    checked(this.#library, 'Closing a session', (status) => this.#library.TF_DeleteSession(this.#session, status));
  }
}

// config.proto: RunOptions.trace_level = FULL_TRACE.
const FULL_TRACE = new BinaryWriter().tag(1, 0).int32(3).finish();

/** RunMetadata.step_stats.dev_stats.node_stats (step_stats.proto). */
function parseRunMetadata(bytes: Uint8Array): NodeTime[] {
  const times: NodeTime[] = [];
  const take = (wanted: number, then: (bytes: Uint8Array) => void) => (field: number, reader: BinaryReader) => {
    if (field === wanted) then(reader.bytes());
  };
  const device = (bytes: Uint8Array) => {
    let name = '';
    const nodes: Uint8Array[] = [];
    eachField(bytes, (field, reader) => {
      if (field === 1) name = reader.string();
      else if (field === 2) nodes.push(reader.bytes());
    });
    for (const node of nodes) times.push(parseNode(node, name));
  };
  eachField(
    bytes,
    take(1, (stats) => eachField(stats, take(1, device))),
  );
  const begin = Math.min(...times.map(({ start }) => start));
  return times.map((time) => ({ ...time, start: time.start - begin }));
}

function parseNode(bytes: Uint8Array, device: string): NodeTime {
  let [node, label, start, opStart, opEnd] = ['', '', 0, 0, 0];
  eachField(bytes, (field, reader) => {
    if (field === 1) node = reader.string();
    else if (field === 2) start = Number(reader.int64());
    else if (field === 3) opStart = Number(reader.int64());
    else if (field === 4) opEnd = Number(reader.int64());
    else if (field === 8) label = reader.string();
  });
  // `node = Op(inputs)`, or the like.
  const op = /=\s*([A-Za-z_]\w*)\(/.exec(label)?.[1] ?? node;
  return { node, op, device, start: start + opStart, duration: opEnd - opStart };
}
