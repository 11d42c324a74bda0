import type * as tf from '@tensorflow/tfjs';
import { buildGraph, type CaptureOptions } from '../capture/index.ts';
import { SHAPE, STRING, TYPE } from '../tensorflow/attributes.ts';
import { Graph } from '../tensorflow/graph.ts';
import type { HostTensor, Library } from '../tensorflow/index.ts';
import { type NodeTime, Session } from '../tensorflow/session.ts';
import { dtypeNumber, type HostDtype } from '../tensorflow/types.ts';

const WARM_UP = 3;

/**
 * Measures what each operation of a computation takes, on a copy of its variables: nothing changes. The graph is the one that
 * training runs, optimised by TensorFlow in the same way.
 */
export function profile(
  library: Library,
  options: CaptureOptions & { readonly threads: number; readonly values: readonly HostTensor[] },
): NodeTime[] {
  const graph = new Graph(library);
  try {
    const initial = new Map<tf.Variable, { assign: bigint; input: ReturnType<Graph['input']> }>();
    const built = buildGraph(graph, options, (variable) => {
      const dtype = dtypeNumber(variable.dtype as HostDtype);
      const handle = graph.single(
        'VarHandleOp',
        [
          { name: 'dtype', type: TYPE, value: dtype },
          { name: 'shape', type: SHAPE, value: variable.shape },
          { name: 'shared_name', type: STRING, value: `variable-${variable.id}` },
        ],
        [],
        'variable',
      );
      const input = graph.input(dtype, variable.shape);
      const assign = graph.effect('AssignVariableOp', [{ name: 'dtype', type: TYPE, value: dtype }], [handle, input]);
      initial.set(variable, { assign, input });
      return handle;
    });
    const session = new Session(graph, options.threads);
    try {
      // In one run: the session optimises the whole graph anew for each set of inputs.
      const values = new Map([...initial].map(([variable, { input }]) => [input, hostOf(variable)]));
      session.run(
        values,
        [...initial.values()].map(({ assign }) => assign),
      );
      const given = built.inputs.slice(initial.size);
      const inputs = new Map([...built.constants, ...options.values].map((value, i) => [given[i]!, value] as const));
      const targets = [...built.effects, ...built.outputs.map(({ output }) => output.oper)];
      for (let i = 0; i < WARM_UP; i++) session.run(inputs, targets);
      return session.run(inputs, targets, true);
    } finally {
      session.dispose();
    }
  } finally {
    graph.dispose();
  }
}

const hostOf = (variable: tf.Variable): HostTensor =>
  ({ shape: variable.shape, dtype: variable.dtype, values: variable.dataSync() }) as HostTensor;

/** The Trace Event Format of Chrome's and Perfetto's viewers; what runs at the same time stands in rows of its own. */
export function chromeTrace(times: readonly NodeTime[]): string {
  const devices = [...new Set(times.map(({ device }) => device))];
  const rowOf = rows();
  const inOrder = [...times].sort((a, b) => a.start - b.start);
  const names = devices.map((device, pid) => ({ name: 'process_name', ph: 'M', pid, args: { name: device } }));
  const events = inOrder.map(({ node, op, device, start, duration }) => ({
    name: op,
    cat: 'op',
    ph: 'X',
    pid: devices.indexOf(device),
    tid: rowOf(device, start, duration),
    ts: start,
    dur: duration,
    args: { node },
  }));
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents: [...names, ...events] });
}

/** TensorFlow does not say which thread an operation ran on: each takes the first row that is free by then. */
function rows(): (device: string, start: number, duration: number) => number {
  const ends = new Map<string, number[]>();
  return (device, start, duration) => {
    const taken = ends.get(device) ?? [];
    ends.set(device, taken);
    const free = taken.findIndex((end) => end <= start);
    const row = free < 0 ? taken.length : free;
    taken[row] = start + duration;
    return row;
  };
}
