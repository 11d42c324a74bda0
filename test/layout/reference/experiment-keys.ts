import type { z } from 'zod';
import { experimentSchema } from '../../../src/experiment/schema.ts';
import { code, table } from './markdown.ts';

type Schema = z.core.$ZodType & { readonly description?: string };
type Definition = Schema['_zod']['def'] & {
  readonly type: string;
  readonly innerType?: Schema;
  readonly out?: Schema;
  readonly options?: readonly Schema[];
  readonly valueType?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
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

const kindOf = (schema: Schema): string | undefined => {
  const kind = definitionOf(schema).shape?.kind;
  return kind && definitionOf(kind).type === 'literal' ? String(definitionOf(kind).values![0]) : undefined;
};

/** The sections of a schema, each with a table of its keys; one that is met again is not told again. */
function sections(path: string, schema: Schema, told: Set<Schema>): string[] {
  const inner = unwrap(schema).schema;
  if (told.has(inner)) return [];
  told.add(inner);
  const { type, options = [], valueType, shape } = definitionOf(inner);
  if (type === 'union') return options.flatMap((option) => sections(path, option, told));
  if (type === 'record') return sections(`${path}.NAME`, valueType!, told);
  if (shape === undefined) return [];
  const kind = kindOf(inner);
  const rows = Object.entries(shape).map(([name, value]) => {
    const { schema: bare, description = '', optional, fallback } = unwrap(value);
    const needed = optional ? '' : 'needed';
    const otherwise = fallback === undefined ? '' : `; default ${words(fallback)}`;
    return [
      code(name),
      expected(bare),
      name === 'kind' && kind !== undefined ? '' : linked(description) + otherwise,
      needed,
    ];
  });
  const title = path === '' ? 'The file' : `${code(path)}${kind === undefined ? '' : ` of kind ${code(kind)}`}`;
  const bare = kind !== undefined && rows.length === 1;
  return [
    `## ${title}`,
    '',
    ...(bare ? ['It has no further keys.', ''] : table(['key', 'expected', 'what it says', ''], rows)),
    ...Object.entries(shape).flatMap(([name, value]) => sections(path === '' ? name : `${path}.${name}`, value, told)),
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
    ...sections('', experimentSchema, new Set()),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

/** Keys without a description, for the test. */
export function undescribed(): string[] {
  const found: string[] = [];
  const visit = (path: string, schema: Schema, seen: Set<Schema>): void => {
    const inner = unwrap(schema).schema;
    if (seen.has(inner)) return;
    seen.add(inner);
    const { options = [], valueType, shape = {} } = definitionOf(inner);
    for (const option of options) visit(path, option, seen);
    if (valueType) visit(`${path}.NAME`, valueType, seen);
    for (const [name, value] of Object.entries(shape)) {
      if (name !== 'kind' && unwrap(value).description === undefined) found.push(`${path}.${name}`);
      visit(`${path}.${name}`, value, seen);
    }
  };
  visit('', experimentSchema, new Set());
  return found;
}
