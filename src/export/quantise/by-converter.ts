import { type BuiltTask, measureOutputs, type NetworkBody, openSource, readExamples } from '../../network/index.ts';
import type { HostTensor } from '../../runtime/index.ts';
import { NO_NETWORK } from '../../task/source.ts';
import { outputsBy } from '../by-runtime.ts';
import { questionsFor } from '../check.ts';
import { examplesOf, type TaskExamples } from '../examples.ts';
import type { Files, Format } from '../formats/format.ts';
import type { NetworkGraph } from '../graph/network-graph.ts';
import {
  assertWithin,
  changeOf,
  type Limit,
  losesTooMuch,
  MEASURED,
  type MetricChange,
  measurable,
  measureTasks,
} from './losses.ts';
import type { Quantisation } from './store.ts';

/** So many training examples show how large the numbers become that are computed. */
const REPRESENTATIVE = 128;

/** Files of fewer bits, in the form that each function has in the end. */
export interface Converted {
  /** By function. */
  readonly forms: ReadonlyMap<string, Quantisation>;
  readonly changes: Readonly<Record<string, MetricChange>>;
}

/**
 * Has a format's converter make numbers of fewer bits, and measures each task by the runtime that the format is for. A task that loses
 * too much by 8 bits gets weights in float16.
 * @param put writes files into a folder, and gives it.
 * @throws BanyanError `argument` for a task that loses too much in float16 too.
 */
export async function convertSmall(
  body: NetworkBody,
  format: Format,
  graph: NetworkGraph,
  examples: readonly TaskExamples[],
  limit: Limit,
  put: (files: Files) => Promise<string>,
): Promise<Converted> {
  const functionsOf = ({ name }: BuiltTask) => graph.signatures.filter(({ task }) => task === name);
  const forms = new Map<string, Quantisation>(graph.signatures.map(({ name }) => [name, limit.quantise]));
  const representative = limit.quantise === 'full-int8' ? await representatives(body, graph, examples) : new Map();
  const measured = measurable(
    body,
    examples.map(({ task }) => task.name),
  );
  const before = await measureTasks(body, measured);
  const changes: Record<string, MetricChange> = {};
  let signatures = graph.signatures;
  let tasks = measured;
  for (;;) {
    const folder = await put(await format.write({ ...graph, signatures }, { forms, representative }));
    const opened = (await format.open(folder, graph))!;
    const again: BuiltTask[] = [];
    try {
      for (const task of tasks) {
        const outputs = (inputs: readonly HostTensor[]) => outputsBy(opened, task, functionsOf(task), inputs);
        const change = changeOf(task, before, { [task.name]: await measureOutputs(body, task, MEASURED, outputs) });
        const quantise = forms.get(functionsOf(task)[0]!.name)!;
        if (quantise !== 'float16' && losesTooMuch(task, change, limit.mayLose)) again.push(task);
        else assertWithin(task, change, { ...limit, quantise });
        changes[task.name] = change;
      }
    } finally {
      await opened.dispose();
    }
    if (again.length === 0) return { forms, changes };
    tasks = again;
    signatures = again.flatMap(functionsOf);
    for (const { name } of signatures) forms.set(name, 'float16');
  }
}

/** Inputs of training examples, by function; of one without any those that it is checked on. */
async function representatives(
  body: NetworkBody,
  { signatures }: NetworkGraph,
  examples: readonly TaskExamples[],
): Promise<ReadonlyMap<string, readonly HostTensor[]>> {
  const inputs = new Map<string, readonly HostTensor[]>();
  for (const checked of examples) {
    const { task } = checked;
    const functions = signatures.filter((each) => each.task === task.name);
    const raw = await trainingInputs(task);
    const shown = raw.length === 0 ? checked : await examplesOf(body, task, raw);
    for await (const [{ name }, question] of questionsFor({ body, instead: undefined }, functions, shown))
      inputs.set(name, question.inputs);
  }
  return inputs;
}

async function trainingInputs({ name, definition: { source } }: BuiltTask): Promise<readonly unknown[]> {
  await openSource(name, source);
  const count = Math.min(REPRESENTATIVE, source.counts.training);
  const step = Number.isFinite(source.counts.training) ? Math.floor(source.counts.training / Math.max(1, count)) : 1;
  const indices = Array.from({ length: count }, (_, i) => i * step);
  return (await readExamples(name, source, 'training', indices, NO_NETWORK)).map(({ input }) => input);
}
