import type { TableRow } from '../data/index.ts';
import { BanyanError } from '../error.ts';
import type { Bindings, Family, KindData } from '../kind/index.ts';
import { didYouMean, listed } from '../nearest.ts';
import { show } from '../show.ts';
import type { Json } from '../task/contract.ts';
import type { FieldDescription, InputsDescription, TargetDescription } from './describe.ts';
import { type InputField, inputFieldKinds, type TargetField, targetFieldKinds } from './field.ts';
import { guessKind, sampleOf } from './guess.ts';

/** A field of a task, before it has learned anything: plain data that is saved with a run. */
export interface FieldPlan {
  /** Its name among the inputs of a task; of a target, the task's. */
  readonly name: string;
  readonly columns: readonly string[];
  /** The kind with its options. */
  readonly kind: KindData;
  /** Why this kind was taken, by the names of those columns for which none was said: `numbers`. */
  readonly guessed?: Readonly<Record<string, string>>;
}

/** What the fields of a task are resolved with. */
export interface Resolving {
  /** The task, as an error calls it. */
  readonly where: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  readonly bindings?: Bindings;
}

/** Tells what the inputs of a task are: a kind for each column, said or guessed; columns that one stem takes stand together. */
export function resolveInputs(inputs: InputsDescription, resolving: Resolving): readonly FieldPlan[] {
  const entries: (readonly [string, string | null | FieldDescription])[] = Array.isArray(inputs)
    ? (inputs as readonly string[]).map((name) => [name, null])
    : Object.entries(inputs as Readonly<Record<string, string | null | FieldDescription>>);
  const plans = entries.map(([name, said]) => {
    const { column = name, ...rest } = typeof said === 'string' ? { kind: said } : (said ?? {});
    return resolveField(
      inputFieldKinds,
      name,
      column as string,
      rest,
      `${resolving.where}: input "${name}"`,
      resolving,
    );
  });
  return named(joined(plans, resolving.bindings));
}

/** Tells what the target of a task with these inputs is. */
export function resolveTarget(
  task: string,
  target: TargetDescription,
  inputs: readonly FieldPlan[],
  resolving: Resolving,
): FieldPlan {
  const { column, ...said } = typeof target === 'string' ? { column: target } : target;
  const where = `${resolving.where}: target`;
  const plan = resolveField(targetFieldKinds, task, column, said, where, resolving);
  return takingFromInput(plan, inputs, where, resolving.bindings);
}

/** Gives a target the options that it has in common with the one input from which it is told. */
function takingFromInput(
  plan: FieldPlan,
  inputs: readonly FieldPlan[],
  where: string,
  bindings: Bindings | undefined,
): FieldPlan {
  const { kind } = plan;
  const { reads } = targetFieldKinds.build(kind, bindings);
  if (reads === undefined) return plan;
  const [input] = inputs;
  if (inputs.length !== 1 || input!.kind.kind !== reads.input) {
    throw new BanyanError(
      'data',
      `${where} of kind ${kind.kind}: expected one input of kind ${reads.input} and no other, received ${inputs.map((other) => other.kind.kind).join(', ')}. Correct \`inputs\`, or take another kind of target.`,
    );
  }
  const taken = reads.options.filter((option) => input!.kind[option] !== undefined);
  const other = reads.options.find(
    (option) => kind[option] !== undefined && String(kind[option]) !== String(input!.kind[option]),
  );
  if (other !== undefined) {
    throw new BanyanError(
      'data',
      `${where} of kind ${kind.kind}: expected ${other} as its input has it, received ${show(kind[other])}. Say it at the input alone.`,
    );
  }
  return { ...plan, kind: { ...kind, ...Object.fromEntries(taken.map((option) => [option, input!.kind[option]])) } };
}

function resolveField(
  family: Family<InputField> | Family<TargetField>,
  name: string,
  column: string,
  { kind, ...options }: FieldDescription,
  where: string,
  { columns, rows, bindings }: Resolving,
): FieldPlan {
  if (!columns.includes(column)) {
    throw new BanyanError(
      'data',
      `${where}: there is no column "${column}". Expected one of: ${listed(columns)}. ${didYouMean(column, columns, 'Correct the name.')}`,
    );
  }
  if (kind !== undefined) return { name, columns: [column], kind: { kind, ...options } };
  const guess = guessKind(family as Family<InputField>, sampleOf(column, rows), where, bindings);
  return { name, columns: [column], kind: { kind: guess.kind, ...options }, guessed: { [column]: guess.because } };
}

/** Puts columns together that one stem takes: those of one kind with the same options, where the kind joins them. */
function joined(plans: readonly FieldPlan[], bindings: Bindings | undefined): readonly FieldPlan[] {
  const groups = new Map<string, FieldPlan[]>();
  for (const [i, plan] of plans.entries()) {
    const joins = inputFieldKinds.build(plan.kind, bindings).joins === true;
    const key = joins ? JSON.stringify(plan.kind) : String(i);
    groups.set(key, [...(groups.get(key) ?? []), plan]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [FieldPlan];
    if (group.length === 1) return first;
    const guessed = Object.assign({}, ...group.map((plan) => plan.guessed)) as Record<string, string>;
    return {
      name: first.kind.kind,
      columns: group.flatMap(({ columns }) => columns),
      kind: first.kind,
      ...(Object.keys(guessed).length === 0 ? {} : { guessed }),
    };
  });
}

/** Gives inputs names that weights can have: letters, digits, `-` and `_`, each once. */
function named(plans: readonly FieldPlan[]): readonly FieldPlan[] {
  const taken = new Set<string>();
  return plans.map((plan) => {
    const letters = plan.name
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9_-]+/g, '-')
      .replace(/^[^A-Za-z]+|-+$/g, '');
    const base = letters === '' ? 'input' : letters;
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
    taken.add(name);
    return { ...plan, name };
  });
}

/** What names a field among those of its data: fields that are alike learn once, and share their stem. */
export const fieldKey = ({ kind, columns }: FieldPlan): string => JSON.stringify([kind, columns]);

/** What a field has learned, by its key. */
export type Facts = Readonly<Record<string, Json>>;
