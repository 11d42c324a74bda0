import { z } from 'zod';
import { faultOf } from '../../check.ts';
import { parseJson } from '../predict/bodies.ts';
import { Refusal } from '../refusal.ts';

/** The header of a request whose body is JSON of so many bytes, and binary tensors behind it. */
export const JSON_LENGTH = 'inference-header-content-length';

const parameters = z.record(z.string(), z.unknown(), 'an object').optional();
const sizes = z.array(
  z.int('a list of whole numbers').min(0, 'a list of whole numbers >= 0'),
  'a list of whole numbers',
);

const SCHEMA = z.object(
  {
    id: z.string('a text').optional(),
    parameters,
    inputs: z
      .array(
        z.object(
          {
            name: z.string('a text'),
            shape: sizes,
            datatype: z.string('a text'),
            parameters,
            data: z.unknown().optional(),
          },
          'an object',
        ),
        'a list of tensors',
      )
      .min(1, 'a list of tensors'),
    outputs: z.array(z.object({ name: z.string('a text'), parameters }, 'an object'), 'a list of outputs').optional(),
  },
  'an object with inputs',
);

/** A tensor as it was sent: its numbers as JSON, or as bytes. */
export interface SentTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  readonly data: unknown;
  readonly bytes: Uint8Array | undefined;
}

/** A request for an inference. */
export interface InferRequest {
  readonly id: string | undefined;
  readonly inputs: readonly SentTensor[];
  /** The outputs that were asked for; undefined for all. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[] | undefined;
  /** Whether outputs are binary for which nothing else was said. */
  readonly binary: boolean;
}

/**
 * Reads a request of the Open Inference Protocol (version 2), with its extension of binary tensors: JSON of `jsonLength` bytes, and the
 * tensors that have `binary_data_size` one after the other.
 * @throws Refusal 400 for one that is none.
 */
export function readInferRequest(body: Uint8Array, jsonLength: string | undefined): InferRequest {
  const length = jsonLength === undefined ? body.length : Number(jsonLength);
  if (!(Number.isInteger(length) && length > 0 && length <= body.length)) {
    throw new Refusal(
      400,
      `${JSON_LENGTH} is ${JSON.stringify(String(jsonLength).slice(0, 20))}, expected the number of bytes of the JSON, at most the ${body.length} of the body. Correct it.`,
    );
  }
  const json = parseJson(body.subarray(0, length));
  const parsed = SCHEMA.safeParse(json);
  if (!parsed.success) throw new Refusal(400, faultOf(parsed.error.issues[0]!, json, 'The request'), 'data');
  let at = length;
  const inputs = parsed.data.inputs.map(({ parameters, ...tensor }): SentTensor => {
    const size = parameters?.binary_data_size;
    if (size === undefined) return { ...tensor, data: tensor.data, bytes: undefined };
    if (!(Number.isInteger(size) && (size as number) >= 0 && at + (size as number) <= body.length)) {
      throw new Refusal(
        400,
        `Tensor "${tensor.name}" has binary_data_size ${JSON.stringify(size)}, expected at most the ${body.length - at} bytes that are left of the body. Correct it.`,
      );
    }
    const bytes = body.subarray(at, at + (size as number));
    at += size as number;
    return { ...tensor, data: undefined, bytes };
  });
  if (at < body.length) {
    throw new Refusal(
      400,
      `The body has ${body.length - at} bytes behind its tensors, expected none. Say by binary_data_size whose they are.`,
    );
  }
  return {
    id: parsed.data.id,
    inputs,
    outputs: parsed.data.outputs?.map(({ name, parameters }) => ({
      name,
      binary: (parameters?.binary_data ?? parsed.data.parameters?.binary_data_output) === true,
    })),
    binary: parsed.data.parameters?.binary_data_output === true,
  };
}
