import type { z } from 'zod';
import type { KindMeta } from '../kind/index.ts';

/** A place in an experiment that names kinds, and those that are built in. */
export interface NamedKinds {
  /** Such as `training.optimizer`. */
  readonly place: string;
  readonly kinds: readonly { readonly kind: string; readonly about: string }[];
}

interface Definition {
  readonly innerType?: z.ZodType;
  readonly out?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

/** Lists the places of a schema that name kinds; a family that can be named at several is listed at the first. */
export function namedKinds(schema: z.ZodType): readonly NamedKinds[] {
  const found = new Map<string, NamedKinds>();
  for (const named of placesOf('', schema)) {
    const family = named.kinds.map(({ kind }) => kind).join();
    // Of a family whose kinds are all brought by plugins, none may be there.
    if (family !== '' && !found.has(family)) found.set(family, named);
  }
  return [...found.values()];
}

function placesOf(place: string, schema: z.ZodType): readonly NamedKinds[] {
  const meta = schema.meta() as KindMeta | undefined;
  if (meta?.kinds !== undefined) {
    // The options of a balancing method stand beside its name.
    const named = { place: place.replace(/\.options$/, ''), kinds: meta.kinds };
    return [named, ...withinShape(place, meta.beside as Definition['shape'])];
  }
  const { innerType, out, element, valueType, options = [], shape } = schema._zod.def as Definition;
  return [
    ...[innerType, out, element, ...options].flatMap((inner) => (inner === undefined ? [] : placesOf(place, inner))),
    ...(valueType === undefined ? [] : placesOf(`${place}.NAME`, valueType)),
    ...withinShape(place, shape),
  ];
}

const withinShape = (place: string, shape: Definition['shape'] = {}): readonly NamedKinds[] =>
  Object.entries(shape).flatMap(([key, inner]) => placesOf(place === '' ? key : `${place}.${key}`, inner));
