import type { Cell } from '../data/index.ts';
import { BanyanError } from '../error.ts';
import type { Bindings } from '../kind/index.ts';
import { didYouMean, listed } from '../nearest.ts';
import type { StemFactory } from '../task/contract.ts';
import { isLasting } from '../task/lasting-row.ts';
import type { Source } from '../task/source.ts';
import { type AnyTask, defineTask, type RowPlace } from '../task/task.ts';
import type { DataSet } from './data-set.ts';
import type { InputsDescription, TargetDescription } from './describe.ts';
import { inputFieldKinds, targetFieldKinds } from './field.ts';
import { type Learning, learn } from './learn.ts';
import { type Facts, type FieldPlan, fieldKey, resolveInputs, resolveTarget } from './resolve.ts';
import { fieldSource, readInput, rowReader, type SourceInput, type SourceTarget } from './source.ts';
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

/** The stems of fields, by what names a field and what it has learned: fields that are alike share theirs. */
export type SharedStems = Map<string, StemFactory<unknown>>;

/** What tasks over one data set share. */
interface Shared {
  readonly stems: SharedStems;
  /** What reads fields from rows, by what names a field. */
  readonly readers: Map<string, SourceInput['read']>;
  /** By their inputs: tasks with the same ones share a source, and so their batches. */
  readonly sources: Map<string, { targets: SourceTarget[]; inputs: readonly SourceInput[]; source: AnySource }>;
}

type AnySource = Source<unknown, Readonly<Record<string, unknown>>>;

const sharedOver = new WeakMap<DataSet, Shared>();

/**
 * Makes tasks of what is known of their fields. Tasks with the same inputs share a source, and so their batches; fields that are alike
 * share their stem.
 * @param stems are shared with tasks over other data sets as well.
 */
export function buildTasks(
  data: DataSet,
  tasks: readonly Pick<DescribedTask, 'name' | 'weight' | 'learningRate'>[],
  record: FieldRecord,
  bindings?: Bindings,
  stems: SharedStems = new Map(),
): readonly AnyTask[] {
  const shared = sharedOver.get(data) ?? { stems, readers: new Map(), sources: new Map() };
  sharedOver.set(data, shared);
  return tasks.map((task) => buildTask(data, shared, task, record, bindings));
}

function buildTask(
  data: DataSet,
  shared: Shared,
  { name, weight, learningRate }: Pick<DescribedTask, 'name' | 'weight' | 'learningRate'>,
  { tasks, facts }: FieldRecord,
  bindings: Bindings | undefined,
): AnyTask {
  const { inputs, target } = tasks[name]!;
  const { source, targets, inputs: fields } = sourceOf(data, shared, inputs, bindings);
  const stemOf = (plan: FieldPlan): StemFactory<unknown> => {
    const learned = facts[inputKey(plan)]!;
    const key = JSON.stringify([inputKey(plan), learned]);
    const stem = shared.stems.get(key) ?? inputFieldKinds.build(plan.kind, bindings).stem(plan.columns, learned);
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
  const columns = inputs.flatMap((plan) => plan.columns);
  const fromRow = (values: Readonly<Record<string, unknown>>, place: RowPlace) => {
    assertColumns(columns, values, place);
    // What is remembered of a row that may change would be wrong after that.
    const row = isLasting(values) ? values : Object.fromEntries(Object.entries(values));
    return readInput(fields, data.withMissing(row as Readonly<Record<string, Cell>>), place);
  };
  return { ...task, fromRow };
}

/** A cell may be missing, and a column may not: of a table without a header all would be. */
function assertColumns(columns: readonly string[], values: Readonly<Record<string, unknown>>, { row }: RowPlace): void {
  const lacks = columns.find((column) => !Object.hasOwn(values, column));
  if (lacks === undefined) return;
  const names = Object.keys(values);
  const mend = 'Name the columns, with empty cells (null in JSON) where one is not known.';
  throw new BanyanError(
    'data',
    `${row}: there is no column "${lacks}", expected ${listed(columns)}, received ${listed(names)}. ${didYouMean(lacks, names, mend)}`,
  );
}

function sourceOf(
  data: DataSet,
  { sources, readers }: Shared,
  plans: readonly FieldPlan[],
  bindings: Bindings | undefined,
) {
  const key = JSON.stringify(plans.map((plan) => [plan.name, fieldKey(plan)]));
  const found = sources.get(key);
  if (found !== undefined) return found;
  const inputs = plans.map((plan) => {
    const key = inputKey(plan);
    const read = readers.get(key) ?? rowReader(plan.columns, inputFieldKinds.build(plan.kind, bindings));
    readers.set(key, read);
    return { name: plan.name, read };
  });
  const targets: SourceTarget[] = [];
  const made = { targets, inputs, source: fieldSource(data, inputs, targets) };
  sources.set(key, made);
  return made;
}

const inputKey = (plan: FieldPlan) => `input ${fieldKey(plan)}`;
const targetKey = (plan: FieldPlan) => `target ${fieldKey(plan)}`;
