import type { z } from 'zod';
import type { Bindings, KindData } from '../kind/index.ts';
import { samplerKinds } from './kinds.ts';

/** How an option is about tasks: it counts them, or holds a number for each by its name. */
type Form = 'count' | 'numbers';

/** What is made of an option about tasks; `path`: where it stands in the options. */
type Visit = (form: Form, value: unknown, path: readonly PropertyKey[]) => unknown;

type Section = Readonly<Record<string, unknown>>;

const isSection = (value: unknown): value is Section =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keeps of what a file says of a sampler what is for these tasks alone; all of it of a kind that is not there. */
export function samplerForTasks(data: KindData, tasks: readonly string[], bindings?: Bindings): KindData {
  return visited(data, bindings, (form, value) => {
    if (form === 'count') return typeof value === 'number' ? Math.min(value, tasks.length) : value;
    if (!isSection(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => tasks.includes(name)));
  });
}

/** Lists what a file says of a sampler by the names of tasks, and where: nothing of a kind that is not there. */
export function samplerTaskNames(
  data: KindData,
  bindings?: Bindings,
): readonly { readonly path: readonly PropertyKey[]; readonly numbers: Readonly<Record<string, unknown>> }[] {
  const found: { path: readonly PropertyKey[]; numbers: Section }[] = [];
  visited(data, bindings, (form, value, path) => {
    if (form === 'numbers' && isSection(value)) found.push({ path, numbers: value });
    return value;
  });
  return found;
}

function visited(data: KindData, bindings: Bindings | undefined, visit: Visit): KindData {
  const { kind, ...options } = data;
  if (!samplerKinds.has(kind, bindings)) return data;
  const schema = samplerKinds.optionsOf(samplerKinds.named(kind, bindings), bindings);
  return { kind, ...(visitWithin(schema, options, [], visit) as Section) };
}

function visitWithin(schema: z.ZodType, value: unknown, path: readonly PropertyKey[], visit: Visit): unknown {
  const form = schema.meta()?.tasks as Form | undefined;
  if (form !== undefined) return visit(form, value, path);
  const { innerType, element, shape } = schema._zod.def as {
    readonly innerType?: z.ZodType;
    readonly element?: z.ZodType;
    readonly shape?: Readonly<Record<string, z.ZodType>>;
  };
  if (innerType !== undefined) return visitWithin(innerType, value, path, visit);
  if (element !== undefined && Array.isArray(value))
    return value.map((each, i) => visitWithin(element, each, [...path, i], visit));
  if (shape === undefined || !isSection(value)) return value;
  const entries = Object.entries(value).map(([key, each]) => {
    const inner = shape[key];
    return [key, inner === undefined ? each : visitWithin(inner, each, [...path, key], visit)];
  });
  return Object.fromEntries(entries);
}
