import { Container } from 'inversify';
import type { z } from 'zod';
import fields from '../../../heads/fields.ts';
import { experimentSchema } from '../../../src/experiment/schema.ts';
import type { KindMeta } from '../../../src/kind/index.ts';
import { code, table } from './markdown.ts';

// With the kinds of columns, which a plugin brings.
const container = new Container();
await container.load(fields);
const schema = experimentSchema(container);

type Schema = z.core.$ZodType & { readonly description?: string };
type Shape = Readonly<Record<string, Schema>>;
type Definition = Schema['_zod']['def'] & {
  readonly type: string;
  readonly innerType?: Schema;
  readonly out?: Schema;
  readonly options?: readonly Schema[];
  readonly valueType?: Schema;
  readonly element?: Schema;
  readonly shape?: Shape;
  readonly values?: readonly unknown[];
  readonly defaultValue?: unknown;
};
const definitionOf = (schema: Schema) => schema._zod.def as unknown as Definition;

/** A key's schema without what surrounds it, with what that said. */
interface Key {
  readonly schema: Schema;
  readonly description: string | undefined;
  readonly optional: boolean;
  readonly fallback: unknown;
}

function unwrap(schema: Schema): Key {
  const { type, innerType, out, defaultValue } = definitionOf(schema);
  if (kindsOf(schema) !== undefined)
    return { schema, description: schema.description, optional: false, fallback: undefined };
  const inner = type === 'optional' || type === 'default' ? innerType : type === 'pipe' ? out : undefined;
  if (inner === undefined) {
    return { schema, description: schema.description, optional: false, fallback: undefined };
  }
  const key = unwrap(inner);
  return {
    schema: key.schema,
    description: schema.description ?? key.description,
    optional: type !== 'pipe' || key.optional,
    fallback: type === 'default' ? defaultValue : key.fallback,
  };
}

/** What the schema itself says it expects: the message for a value that nothing accepts. */
function expected(schema: Schema): string {
  const { type, values } = definitionOf(schema);
  if (type === 'literal') return code(String(values![0]));
  const result = (schema as z.ZodType).safeParse(Symbol('nothing'));
  return result.error!.issues[0]!.message;
}

const words = (value: unknown): string =>
  Array.isArray(value) ? (value.length === 0 ? 'none' : value.join(', ')) : String(value);

/** With a link for the name of each page. */
const linked = (text: string): string => text.replace(/\b[\w-]+\.md\b/g, (page) => `[${page}](${page})`);

/** The kinds of a schema that a family of kinds made. */
const kindsOf = (schema: Schema): KindMeta | undefined =>
  (schema as z.ZodType).meta()?.kinds === undefined ? undefined : ((schema as z.ZodType).meta() as KindMeta);

/** One table of keys. */
function keysTable(title: string, shape: Shape, about: readonly string[] = []): string[] {
  const rows = Object.entries(shape).map(([name, value]) => {
    const { schema: bare, description = '', optional, fallback } = unwrap(value);
    const needed = optional || fallback !== undefined ? '' : 'needed';
    const otherwise = fallback === undefined ? '' : `; default ${words(fallback)}`;
    return [code(name), expected(bare), linked(description) + otherwise, needed];
  });
  return [`## ${title}`, '', ...about, ...table(['key', 'expected', 'what it says', ''], rows)];
}

/** The sections of a schema, each with a table of its keys; one that is met again is not told again. */
function sections(path: string, schema: Schema, told: Set<unknown>): string[] {
  const inner = unwrap(schema).schema;
  const kinds = kindsOf(inner);
  if (kinds !== undefined) return kindSections(path, kinds, told);
  if (told.has(inner)) return [];
  told.add(inner);
  const { type, options = [], valueType, element, shape } = definitionOf(inner);
  if (type === 'union') return options.flatMap((option) => sections(path, option, told));
  if (type === 'record') return sections(`${path}.NAME`, valueType!, told);
  if (type === 'array') return sections(path, element!, told);
  if (shape === undefined) return [];
  return [...keysTable(path === '' ? 'The file' : code(path), shape), ...within(path, shape, told)];
}

const within = (path: string, shape: Shape, told: Set<unknown>): string[] =>
  Object.entries(shape).flatMap(([name, value]) => sections(path === '' ? name : `${path}.${name}`, value, told));

/** The sections of all kinds of a family, and of what can stand beside their options; those without a key are in one table. */
function kindSections(path: string, { kinds, beside }: KindMeta, told: Set<unknown>): string[] {
  const shapes = kinds.filter(({ options }) => !told.has(options));
  for (const { options } of shapes) told.add(options);
  const others = beside as Shape;
  const keysOf = ({ options }: (typeof kinds)[number]): Shape => ({ ...(options.shape as Shape), ...others });
  const plain = shapes.filter((kind) => Object.keys(keysOf(kind)).length === 0);
  const rows = plain.map(({ kind, about }) => [code(kind), about]);
  return [
    ...(plain.length === 0
      ? []
      : [`## ${code(path)} of a kind without keys`, '', ...table(['kind', 'what it is'], rows)]),
    ...shapes
      .filter((kind) => !plain.includes(kind))
      .flatMap((kind) => keysTable(`${code(path)} of kind ${code(kind.kind)}`, keysOf(kind), [kind.about, ''])),
    ...(shapes.length === 0 ? [] : within(path, others, told)),
  ];
}

/** The page of all keys of an experiment file. */
export function experimentPage(): string {
  return [
    '# Keys of an experiment',
    '',
    'An experiment is a YAML, JSON or TypeScript file for `npx banyan train` and its like. This page is made from the schema that checks',
    'the file, and a test holds it: what is expected is told in the words of the error.',
    '',
    ...sections('', schema, new Set()),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

/** Keys without a description, for the test. */
export function undescribed(): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const visitShape = (path: string, shape: Shape): void => {
    for (const [name, value] of Object.entries(shape)) {
      if (unwrap(value).description === undefined) found.push(`${path}.${name}`);
      visit(`${path}.${name}`, value);
    }
  };
  const visit = (path: string, schema: Schema): void => {
    const inner = unwrap(schema).schema;
    if (seen.has(inner)) return;
    seen.add(inner);
    const kinds = kindsOf(inner);
    for (const { kind, options } of kinds?.kinds ?? []) {
      if (seen.has(options)) continue;
      seen.add(options);
      visitShape(`${path} of kind ${kind}`, options.shape as Shape);
    }
    if (kinds !== undefined) visitShape(path, kinds.beside as Shape);
    const { options = [], valueType, element, shape = {} } = definitionOf(inner);
    for (const option of options) visit(path, option);
    if (valueType) visit(`${path}.NAME`, valueType);
    if (element) visit(path, element);
    visitShape(path, shape);
  };
  visit('', schema);
  return found;
}
