import { z } from 'zod';
import { flag, listOf, oneOf, optionsOf, text } from '../check.ts';
import { TABLE_FORMATS } from '../data/table/file-kind.ts';
import type { Family, KindData, Plugged } from '../kind/index.ts';
import { inputFieldKinds, targetFieldKinds } from './field.ts';
import { splitSchema } from './split.ts';

// What is said of data and tasks, in a file or in a program. The message of a leaf is what was expected.

const path = z.string('a path').min(1, 'a path');
const column = z.string('the name of a column').min(1, 'the name of a column');

/** How rows are written in a file, where its ending and its first line do not say it. */
const written = {
  format: oneOf(...TABLE_FORMATS)
    .optional()
    .describe('how rows are written in the file; default what its ending says'),
  delimiter: text.optional().describe('what stands between the fields of CSV; default a comma, in TSV a tab'),
  columns: listOf(column, 'a list of names of columns')
    .optional()
    .describe('the names of the columns of CSV without a header; default its first line'),
  quotes: flag
    .optional()
    .describe('with `false`, quotes in CSV are text as any other, and each line is a row; default true'),
};

/** The schema of that alone. */
export const writtenSchema = optionsOf('a table', written);

/** The schema of one entry of `data:`. */
export const dataSchema = optionsOf('data', {
  file: z
    .union(
      [
        path,
        z.strictObject({
          training: path.describe('the file of the training rows'),
          validation: path.optional().describe('that of the validation rows; else some training rows are held out'),
          test: path.optional().describe('that of the test rows; else some training rows are held out'),
        }),
      ],
      {
        error: 'a path, or a section with training, validation, test',
      },
    )
    .optional()
    .describe('a file of rows (CSV, TSV, JSON Lines, Parquet), or one for each split'),
  folder: path
    .optional()
    .describe(
      'a folder, or a zip file, of pictures or sounds; its columns are `file`, and `label`, the folder below it',
    ),
  label: z
    .literal('folder', '"folder"')
    .optional()
    .describe('of a folder: what tells the class of a file, in the column `label`; default folder, the one it lies in'),
  split: splitSchema.optional().describe('which rows are for the test and which validate; default a tenth each'),
  ...written,
  missing: z
    .array(z.string('a text'), 'a list of texts')
    .optional()
    .describe('texts that stand for a missing cell, such as NA'),
  skip: z
    .int('a whole number >= 0')
    .min(0, 'a whole number >= 0')
    .optional()
    .describe('so many rows that cannot be read may be left out; default 0'),
})
  .refine(({ file, folder }) => (file === undefined) !== (folder === undefined), {
    error: 'a section with either file or folder',
  })
  .superRefine((data, context) => {
    if (data.folder === undefined) {
      if (data.label === undefined) return;
      const message = 'left out beside a file, whose rows have their labels in a column';
      context.addIssue({ code: 'custom', path: ['label'], message, params: { mend: 'Remove it.' } });
      return;
    }
    for (const key of Object.keys(written) as (keyof typeof written)[]) {
      if (data[key] === undefined) continue;
      const message = 'left out beside a folder, which has no rows of text';
      context.addIssue({ code: 'custom', path: [key], message, params: { mend: 'Remove it.' } });
    }
  });

/** One entry of `data:`, checked. */
export type DataDescription = z.output<typeof dataSchema>;

/** What is said of an input or a target: its kind, unless that is to be guessed, its column, and the options of the kind. */
export interface FieldDescription {
  readonly kind?: string | undefined;
  readonly column?: string | undefined;
  readonly [option: string]: unknown;
}

/** Makes the schema of a field: the name of a kind, or a section in which the kind may be left out. */
function fieldSchema<Built>(family: Family<Built>, keys: z.core.$ZodLooseShape, plugged: Plugged) {
  const whole: z.ZodType<KindData> = family.schema(plugged, keys);
  const check = ({ value, issues }: z.core.ParsePayload<Record<string, unknown>>) => {
    if (value.kind === undefined) return;
    for (const issue of whole.safeParse(value).error?.issues ?? []) issues.push({ ...issue, input: value } as never);
  };
  const kind = z
    .string('the name of a kind')
    .optional()
    .describe('what the column is; default what its cells look like');
  return z
    .looseObject({ kind, ...keys })
    .check(check)
    .meta({ ...whole.meta()!, kindLess: true });
}

/** Makes the schema of the inputs of a task. `plugged`: those kinds that are not known yet are let pass. */
export const inputsSchema = (plugged: Plugged = 'later') =>
  z.union(
    [
      z.array(column, 'a list of names of columns').min(1, 'at least one column'),
      z.record(
        column,
        z.union(
          [
            z.null(),
            z.string(),
            fieldSchema(
              inputFieldKinds,
              { column: column.optional().describe('the name of the column, where the key is another') },
              plugged,
            ),
          ],
          {
            error: 'the name of a kind, or a section with kind and its options',
          },
        ),
      ),
    ],
    { error: 'a list of names of columns, or a section with a kind for each' },
  );

/** Makes the schema of the target of a task, in the same way. */
export const targetSchema = (plugged: Plugged = 'later') =>
  z.union([column, fieldSchema(targetFieldKinds, { column: column.describe('the name of the column') }, plugged)], {
    error: 'the name of a column, or a section with column, kind and the options of the kind',
  });

/** What a task says of its inputs. */
export type InputsDescription = readonly string[] | Readonly<Record<string, string | null | FieldDescription>>;
/** What a task says of its target. */
export type TargetDescription = string | (FieldDescription & { readonly column: string });
