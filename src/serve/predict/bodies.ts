import type { Context } from 'hono';
import { Refusal } from '../refusal.ts';

/** A file that came in a request. `name`: which input of an example it is, where there are several. */
export interface SentFile {
  readonly name: string | undefined;
  readonly bytes: Uint8Array;
}

/** What a request asks to be predicted. */
export type Question =
  | { readonly kind: 'inputs'; readonly values: readonly unknown[] }
  | { readonly kind: 'rows'; readonly values: readonly Readonly<Record<string, unknown>>[] }
  | { readonly kind: 'files'; readonly values: readonly SentFile[] }
  | { readonly kind: 'table'; readonly bytes: Uint8Array; readonly ending: '.csv' | '.jsonl' };

const TABLES: Readonly<Record<string, '.csv' | '.jsonl'>> = {
  'text/csv': '.csv',
  'application/jsonl': '.jsonl',
  'application/x-ndjson': '.jsonl',
};

/** Reads what a request asks, by the type of its body. @throws Refusal 415 for another type, 400 for a body that cannot be read. */
export async function readQuestion(context: Context): Promise<Question> {
  const [type = ''] = (context.req.header('content-type') ?? '').toLowerCase().split(';');
  const media = type.trim();
  if (media === 'application/json') return inJson(parseJson(await bytesOf(context)));
  const ending = TABLES[media];
  if (ending !== undefined) return { kind: 'table', bytes: await bytesOf(context), ending };
  if (media === 'multipart/form-data') return { kind: 'files', values: await partsOf(context) };
  if (/^(image|audio)\/|^text\/plain$|^application\/octet-stream$/.test(media))
    return { kind: 'files', values: [{ name: undefined, bytes: await bytesOf(context) }] };
  throw new Refusal(
    415,
    `A body of type ${media === '' ? 'none' : JSON.stringify(media.slice(0, 60))} cannot be read, expected application/json, an image, audio, text/plain, text/csv, application/jsonl, multipart/form-data or application/octet-stream. Say which by the header content-type.`,
  );
}

const bytesOf = async (context: Context): Promise<Uint8Array> => new Uint8Array(await context.req.arrayBuffer());

/** @throws Refusal 400 for what is no JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Refusal(
      400,
      `The body is no JSON: ${(error as Error).message.slice(0, 200)}. Expected JSON in UTF-8. Correct it.`,
      'data',
    );
  }
}

function inJson(body: unknown): Question {
  const { inputs, rows } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (Array.isArray(inputs) && rows === undefined) return { kind: 'inputs', values: inputs.map(withTypedArrays) };
  if (Array.isArray(rows) && inputs === undefined && rows.every(isRecord)) return { kind: 'rows', values: rows };
  throw new Refusal(
    400,
    'The body is JSON without a list of examples, expected { "inputs": [ … ] }, or { "rows": [ { … } ] } with the cells of each row by the names of their columns. Put them there.',
    'data',
  );
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/** Makes typed arrays of `{ dtype, base64 }`, as they stand in `banyan-export.json`: an example, or the inputs in one. */
function withTypedArrays(input: unknown): unknown {
  if (!isRecord(input)) return input;
  const { dtype, base64 } = input;
  const array = ARRAYS[dtype as keyof typeof ARRAYS];
  if (Object.keys(input).length !== 2 || array === undefined || typeof base64 !== 'string')
    return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, arrayOrAsIs(value)]));
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length % array.BYTES_PER_ELEMENT === 0) return new array(new Uint8Array(bytes).buffer);
  throw new Refusal(
    400,
    `"base64" holds ${bytes.length} bytes, expected whole numbers of ${dtype}, ${array.BYTES_PER_ELEMENT} bytes each. Correct it.`,
    'data',
  );
}

const arrayOrAsIs = (value: unknown): unknown =>
  isRecord(value) && 'dtype' in value && 'base64' in value ? withTypedArrays(value) : value;

/** Reads the parts of a form: files, and texts as such. @throws Refusal 400 for what is no form. */
async function partsOf(context: Context): Promise<readonly SentFile[]> {
  let form: FormData;
  try {
    form = await context.req.formData();
  } catch {
    throw new Refusal(
      400,
      'The body is no multipart/form-data, expected parts as a form sends them. Leave the header content-type to the program that makes the parts, as `curl --form` does.',
      'data',
    );
  }
  return Promise.all(
    Array.from(form, async ([name, part]) => ({
      name,
      bytes: typeof part === 'string' ? Buffer.from(part) : new Uint8Array(await part.arrayBuffer()),
    })),
  );
}
