import type { Cell } from '../data/index.ts';
import type { Bindings } from '../kind/index.ts';
import type { StemFactory } from '../task/contract.ts';
import type { Source } from '../task/source.ts';
import { type AnyTask, defineTask, type RowPlace } from '../task/task.ts';
import type { DataSet } from './data-set.ts';
import type { InputsDescription, TargetDescription } from './describe.ts';
import { inputFieldKinds, targetFieldKinds } from './field.ts';
import { type Learning, learn } from './learn.ts';
import { type Facts, type FieldPlan, fieldKey, resolveInputs, resolveTarget } from './resolve.ts';
import { fieldSource, readInput, type SourceInput, type SourceTarget } from './source.ts';
import { ColumnWatch } from './suspicious.ts';

/** A task that is described in place of coded. */
export interface DescribedTask {
  readonly name: string;
  /** The columns that it reads, by their names or with a kind for each. */
  readonly inputs: InputsDescription;
  /** The column that it learns to tell. */
  readonly target: TargetDescription;
  readonly weight?: number | undefined;
  readonly learningRate?: number | undefined;
}

/** What the fields of some tasks over one data set are, and what they have learned: plain data, saved with a run. */
export interface FieldRecord {
  readonly tasks: Readonly<Record<string, { readonly inputs: readonly FieldPlan[]; readonly target: FieldPlan }>>;
  readonly facts: Facts;
}

/** So many rows are looked at to tell the kind of a column. */
const SAMPLE = 2_000;

/**
 * Looks at the data of tasks: tells the kinds that were not said from some rows, and lets every field learn from all of them.
 * @param where names a task for an error.
 * @throws BanyanError `data` for a column that there is not, a kind that cannot be told, or a cell that is not of its kind.
 */
export async function lookAt(
  data: DataSet,
  tasks: readonly DescribedTask[],
  where: (task: string) => string,
  bindings?: Bindings,
): Promise<FieldRecord> {
  const [columns, rows] = [await data.columns(), await data.sample(SAMPLE)];
  const plans = tasks.map(({ name, inputs, target }) => {
    const resolving = { where: where(name), columns, rows, ...(bindings === undefined ? {} : { bindings }) };
    const plans = resolveInputs(inputs, resolving);
    return [name, { inputs: plans, target: resolveTarget(name, target, plans, resolving) }] as const;
  });
  const learning = new Map<string, Learning>();
  for (const [, { inputs, target }] of plans) {
    for (const plan of inputs) {
      const learner = () => inputFieldKinds.build(plan.kind, bindings).learn(plan.columns);
      addOnce(learning, inputKey(plan), plan, learner);
    }
    const learner = () => targetFieldKinds.build(target.kind, bindings).learn(target.columns[0]!);
    addOnce(learning, targetKey(target), target, learner);
  }
  const watch = new ColumnWatch(
    plans.map(([, { inputs, target }]) => ({
      inputs: inputs.flatMap((plan) => plan.columns),
      target: target.columns[0]!,
    })),
  );
  const facts = await learn(data, [...learning.values()], watch);
  for (const warning of watch.warnings(data.path)) process.emitWarning(warning, 'BanyanWarning');
  return { tasks: Object.fromEntries(plans), facts };
}

function addOnce(all: Map<string, Learning>, key: string, { columns }: FieldPlan, learner: () => Learning['learner']) {
  if (!all.has(key)) all.set(key, { key, columns, learner: learner() });
}

/** What tasks over one data set share. */
interface Shared {
  /** By what names a field: fields that are alike share their stem. */
  readonly stems: Map<string, StemFactory<unknown>>;
  /** By their inputs: tasks with the same ones share a source, and so their batches. */
  readonly sources: Map<string, { targets: SourceTarget[]; inputs: readonly SourceInput[]; source: AnySource }>;
}

type AnySource = Source<unknown, Readonly<Record<string, unknown>>>;

const sharedOver = new WeakMap<DataSet, Shared>();

/**
 * Makes tasks of what is known of their fields. Tasks with the same inputs share a source, and so their batches; fields that are alike
 * share their stem.
 */
export function buildTasks(
  data: DataSet,
  tasks: readonly DescribedTask[],
  record: FieldRecord,
  bindings?: Bindings,
): readonly AnyTask[] {
  const shared = sharedOver.get(data) ?? { stems: new Map(), sources: new Map() };
  sharedOver.set(data, shared);
  return tasks.map((task) => buildTask(data, shared, task, record, bindings));
}

function buildTask(
  data: DataSet,
  shared: Shared,
  { name, weight, learningRate }: DescribedTask,
  { tasks, facts }: FieldRecord,
  bindings: Bindings | undefined,
): AnyTask {
  const { inputs, target } = tasks[name]!;
  const { source, targets, inputs: fields } = sourceOf(data, shared, inputs, bindings);
  const stemOf = (plan: FieldPlan): StemFactory<unknown> => {
    const key = inputKey(plan);
    const stem = shared.stems.get(key) ?? inputFieldKinds.build(plan.kind, bindings).stem(plan.columns, facts[key]!);
    shared.stems.set(key, stem);
    return stem;
  };
  const field = targetFieldKinds.build(target.kind, bindings);
  const learned = facts[targetKey(target)]!;
  targets.push({ task: name, column: target.columns[0]!, field, facts: learned });
  const options = {
    name,
    head: field.head(learned),
    target: name,
    ...(weight === undefined ? {} : { weight }),
    ...(learningRate === undefined ? {} : { learningRate }),
  };
  const task: AnyTask =
    inputs.length === 1
      ? defineTask({ ...options, source, stem: stemOf(inputs[0]!) })
      : defineTask({
          ...options,
          // The input of several is a record.
          source: source as Source<Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>>,
          stems: Object.fromEntries(inputs.map((plan) => [plan.name, stemOf(plan)])),
        });
  const fromRow = (values: Readonly<Record<string, unknown>>, place: RowPlace) =>
    readInput(fields, data.withMissing(values as Readonly<Record<string, Cell>>), place);
  return { ...task, fromRow };
}

function sourceOf(data: DataSet, { sources }: Shared, plans: readonly FieldPlan[], bindings: Bindings | undefined) {
  const key = JSON.stringify(plans.map((plan) => [plan.name, fieldKey(plan)]));
  const found = sources.get(key);
  if (found !== undefined) return found;
  const inputs = plans.map(({ name, columns, kind }) => ({
    name,
    columns,
    field: inputFieldKinds.build(kind, bindings),
  }));
  const targets: SourceTarget[] = [];
  const made = { targets, inputs, source: fieldSource(data, inputs, targets) };
  sources.set(key, made);
  return made;
}

const inputKey = (plan: FieldPlan) => `input ${fieldKey(plan)}`;
const targetKey = (plan: FieldPlan) => `target ${fieldKey(plan)}`;
