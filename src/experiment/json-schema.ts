import { z } from 'zod';
import type { Bindings, KindMeta } from '../kind/index.ts';
import { experimentSchema } from './schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** What the `meta` of a schema may say beside the kinds of a family. */
interface FormsMeta {
  /** Whether the kind may be left out of a section, and its options are then those of the kind that is guessed. */
  readonly kindLess: boolean;
  /** Further forms in a file, which are changed before they are checked. */
  readonly forms: readonly JsonSchema[];
  /** How an option of a balancing method names tasks. */
  readonly tasks: 'numbers' | 'list';
}

/**
 * Makes the JSON schema (draft 2020-12) of experiment files, by which editors complete and check them: the keys, the kinds with their
 * options, and what each says. What depends on two places at once is left to the command.
 * @param bindings the container in which plugins have bound kinds of their own.
 */
export function experimentJsonSchema(bindings?: Bindings): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const { $schema, ...rest } = converted(experimentSchema(bindings), definitions);
  return { $schema: $schema!, title: 'An experiment of banyan-ml', ...rest, $defs: definitions };
}

function converted(schema: z.ZodType, definitions: Record<string, JsonSchema>): JsonSchema {
  const result = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const meta = (z.globalRegistry.get(zodSchema) ?? {}) as Partial<KindMeta & FormsMeta>;
      const {
        description,
        family: _,
        kinds: __,
        beside: ___,
        forms: ____,
        tasks: _____,
        kindLess: ______,
        ...plain
      } = jsonSchema;
      let json = plain;
      if (isKindMeta(meta)) json = kindReference(meta, meta.kindLess === true, definitions);
      else if (meta.kinds !== undefined) json = anyOptions(meta.kinds, definitions);
      else if (meta.forms !== undefined) json = { anyOf: [...meta.forms, plain] };
      else if (meta.tasks === 'numbers') json = { type: 'object', additionalProperties: plain.items as JsonSchema };
      else if (meta.tasks === 'list') json = { type: 'array', items: { type: 'string' } };
      // JSON has no such number; it is above all others, which is allowed beside it.
      else if (plain.const === Number.POSITIVE_INFINITY) json = { not: {} };
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      Object.assign(jsonSchema, description === undefined ? {} : { description }, json);
    },
  });
  return result as JsonSchema;
}

/** The name of one kind, or a section with `kind` and its options; one definition, since a kind may hold others of its family. */
function kindReference(
  { family, kinds, beside }: KindMeta,
  kindLess: boolean,
  definitions: Record<string, JsonSchema>,
): JsonSchema {
  const words = [...family.split(' '), ...Object.keys(beside).map((key) => `with-${key}`)];
  const name = words.join('-');
  if (definitions[name] === undefined) {
    definitions[name] = {};
    definitions[name] = {
      anyOf: [
        { enum: kinds.map(({ kind }) => kind) },
        ...(kindLess ? [within(z.looseObject({ ...beside, kind: z.never().optional() }), definitions)] : []),
        ...kinds.map(({ kind, about, options }) =>
          within(z.strictObject({ kind: z.literal(kind).describe(about), ...options.shape, ...beside }), definitions),
        ),
      ],
    };
  }
  return { $ref: `#/$defs/${name}` };
}

/** The options of any kind, whose name stands elsewhere. */
const anyOptions = (kinds: KindMeta['kinds'], definitions: Record<string, JsonSchema>): JsonSchema => ({
  anyOf: kinds.map(({ kind, about, options }) => ({
    title: kind,
    description: about,
    ...within(z.strictObject(options.shape), definitions),
  })),
});

/** Whether it says all of a kind: a method's options have none of a family, since the method stands beside them. */
const isKindMeta = (meta: Partial<KindMeta>): meta is KindMeta => meta.family !== undefined;

function within(schema: z.ZodType, definitions: Record<string, JsonSchema>): JsonSchema {
  const { $schema: _, ...json } = converted(schema, definitions);
  return json;
}
