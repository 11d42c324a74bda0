import type { BuiltTask } from '../network/index.ts';
import { isWriting, type WritingTask } from '../network/index.ts';
import type { HostTensor } from '../runtime/index.ts';
import type { SampleOutput } from '../task/contract.ts';
import { padTo } from './examples.ts';
import type { Opened } from './formats/format.ts';
import type { Signature } from './graph/network-graph.ts';

/** Gives what a task's head gives for each sample of a batch, by the functions that were exported of it. */
export async function outputsBy(
  opened: Opened,
  task: BuiltTask,
  signatures: readonly Signature[],
  inputs: readonly HostTensor[],
): Promise<readonly SampleOutput[]> {
  const first = signatures[0]!;
  const results = await opened.run(
    first,
    first.inputs.map(({ shape }, i) => padTo(inputs[i]!, shape)),
  );
  if (isWriting(task)) return written(opened, task, signatures[1]!, results);
  const columns = first.outputs.map(({ name }, i) => [name, rowsOf(results[i]!)] as const);
  const [[only, rows]] = columns as [(typeof columns)[number]];
  if (columns.length === 1 && only === 'output') return rows;
  return rows.map((_, i) => Object.fromEntries(columns.map(([name, column]) => [name, column[i]!])));
}

/** Writes by the best symbol at each position, as a program does that has the functions alone. */
async function written(
  opened: Opened,
  { label, writing }: WritingTask,
  write: Signature,
  [tokens, mask]: readonly HostTensor[],
): Promise<readonly Float32Array[]> {
  const samples = tokens!.shape[0]!;
  const longest = label.shape[0]!;
  const symbols = new Int32Array(samples * longest);
  const lengths = new Array<number | undefined>(samples).fill(undefined);
  for (let at = 0; at < longest && lengths.includes(undefined); at++) {
    const sofar: HostTensor = { shape: [samples, longest], dtype: 'int32', values: symbols };
    const [scores] = await opened.run(write, [tokens!, mask!, sofar]);
    const { shape, values } = scores!;
    const count = shape[2]!;
    for (let i = 0; i < samples; i++) {
      if (lengths[i] !== undefined) continue;
      const from = (i * shape[1]! + at) * count;
      symbols[i * longest + at] = best(values.subarray(from, from + count));
      if (symbols[i * longest + at] === writing.writes.end) lengths[i] = at;
    }
  }
  return Array.from({ length: samples }, (_, i) =>
    Float32Array.from(symbols.subarray(i * longest, i * longest + (lengths[i] ?? longest))),
  );
}

/** The symbol of the largest score; 0 is padding, which nobody writes. */
function best(scores: HostTensor['values']): number {
  let symbol = 1;
  for (let i = 2; i < scores.length; i++) if (scores[i]! > scores[symbol]!) symbol = i;
  return symbol;
}

function rowsOf({ shape, values }: HostTensor): readonly Float32Array[] {
  const row = values.length / shape[0]!;
  const numbers = values instanceof Float32Array ? values : Float32Array.from(values);
  return Array.from({ length: shape[0]! }, (_, i) => numbers.slice(i * row, (i + 1) * row));
}
