import type { SampleOutput } from '../../task/contract.ts';
import { Refusal } from '../refusal.ts';
import type { ServedTask, ServedTensor } from '../served-task.ts';
import { datatypeOf } from './datatypes.ts';
import { type InferRequest, JSON_LENGTH } from './request.ts';

/** What an answer says beside its tensors. */
export interface Answered {
  readonly model: string;
  readonly version: string;
}

/** Answers an inference with the outputs that were asked for. @throws Refusal 400 for an output that there is not. */
export function inferResponse(
  { task, outputs = [] }: ServedTask,
  samples: readonly SampleOutput[],
  request: InferRequest,
  { model, version }: Answered,
): Response {
  const asked = request.outputs ?? outputs.map(({ name }) => ({ name, binary: request.binary }));
  const tail: Uint8Array[] = [];
  const tensors = asked.map(({ name, binary }) => {
    const tensor = outputs.find((output) => output.name === name);
    if (tensor === undefined) {
      throw new Refusal(
        400,
        `Task "${task.name}" gives no output ${JSON.stringify(name.slice(0, 40))}, expected one of: ${outputs.map((output) => output.name).join(', ')}. Ask for these.`,
      );
    }
    const values = joined(tensor, samples);
    const described = { name, datatype: datatypeOf(tensor.dtype), shape: [samples.length, ...tensor.shape.slice(1)] };
    if (!binary) return { ...described, data: Array.from(values) };
    const bytes = new Uint8Array(values.buffer);
    tail.push(bytes);
    return { ...described, parameters: { binary_data_size: bytes.length } };
  });
  const id = request.id === undefined ? {} : { id: request.id };
  const text = JSON.stringify({ ...id, model_name: model, model_version: version, outputs: tensors });
  if (tail.length === 0) return new Response(text, { headers: { 'content-type': 'application/json' } });
  const head = Buffer.from(text);
  return new Response(Buffer.concat([head, ...tail]), {
    headers: { 'content-type': 'application/octet-stream', [JSON_LENGTH]: String(head.length) },
  });
}

/** One output of all samples; what is shorter is filled up with 0. */
function joined({ name, shape, dtype }: ServedTensor, samples: readonly SampleOutput[]) {
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  const length = samples.length * size;
  const values = dtype === 'float32' ? new Float32Array(length) : new Int32Array(length);
  for (const [i, sample] of samples.entries())
    values.set(sample instanceof Float32Array ? sample : sample[name]!, i * size);
  return values;
}
