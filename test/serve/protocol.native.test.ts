import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AnyNetwork, internals, outputsOf } from '../../src/network/index.ts';
import { type NetworkServer, serve } from '../../src/serve/index.ts';
import { makeNetwork, picture } from './served.ts';

let network: AnyNetwork;
let server: NetworkServer;
beforeAll(async () => {
  network = await makeNetwork(2);
  server = await serve(network, { port: 0, batch: 1, tasks: ['shape', 'colour', 'both', 'reply'] });
});
afterAll(async () => {
  await server.close();
  network.dispose();
});

const read = async (path: string) =>
  (await fetch(`${server.url}/v2${path}`)).json() as Promise<Record<string, unknown>>;
const infer = async (task: string, request: object, headers = {}) => {
  const response = await fetch(`${server.url}/v2/models/${task}/infer`, {
    method: 'POST',
    headers,
    body: request instanceof Uint8Array ? Uint8Array.from(request) : JSON.stringify(request),
  });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
};
const answer = async (...asked: Parameters<typeof infer>) => {
  const { status, bytes } = await infer(...asked);
  return { status, body: JSON.parse(bytes.toString()) as Record<string, unknown> };
};
const outputs = (task: string, inputs: readonly unknown[]) => {
  const { body } = internals(network);
  return outputsOf(body, body.task(task), inputs);
};
const close = (numbers: Float32Array) => Array.from(numbers, (number) => expect.closeTo(number, 5));
const image = { name: 'input', shape: [1, 8, 8, 1], datatype: 'FP32', data: [...picture] };

it('says what it is, whether it is there, and what tasks take and give', async () => {
  expect(await read('')).toEqual({
    name: 'banyan-ml',
    version: expect.any(String),
    extensions: ['binary_tensor_data'],
  });
  expect(await read('/health/live')).toEqual({ live: true });
  expect(await read('/health/ready')).toEqual({ ready: true });
  expect(await read('/models/shape/ready')).toEqual({ name: 'shape', ready: true });
  expect(await read('/models/both')).toEqual({
    name: 'both',
    versions: ['1'],
    platform: 'banyan-ml',
    inputs: [
      { name: 'seen', datatype: 'FP32', shape: [-1, 8, 8, 1] },
      { name: 'said', datatype: 'INT32', shape: [-1, -1] },
    ],
    outputs: [{ name: 'output', datatype: 'FP32', shape: [-1, 2] }],
  });
  expect(await read('/models/reply/versions/1')).toMatchObject({
    outputs: [{ name: 'symbols', datatype: 'INT32', shape: [-1, 5] }],
  });
  expect(await read('/models/tone')).toMatchObject({ code: 'argument' });
  expect(await read('/models/shape/versions/2')).toEqual({
    error: 'Task "shape" has no version "2", expected 1, the one that is served. Leave the version out.',
    code: 'argument',
  });
});

it('computes what the head gives, of tensors as JSON', async () => {
  const [sample] = await outputs('shape', [picture]);
  expect(await answer('shape', { id: 'a', inputs: [image] })).toEqual({
    status: 200,
    body: {
      id: 'a',
      model_name: 'shape',
      model_version: '1',
      outputs: [{ name: 'output', datatype: 'FP32', shape: [1, 2], data: close(sample as Float32Array) }],
    },
  });
  // Two sentences, in lists of lists, shorter than the stem takes them.
  const nested = {
    name: 'input',
    shape: [2, 3],
    datatype: 'INT64',
    data: [
      [2, 3, 4],
      [5, 0, 0],
    ],
  };
  const { body } = await answer('colour', { inputs: [nested], outputs: [{ name: 'output' }] });
  expect(body.outputs).toMatchObject([{ shape: [2, 2] }]);
  const written = await answer('reply', { inputs: [{ ...nested, shape: [1, 2], data: [3, 5] }] });
  expect(written.body.outputs).toMatchObject([{ name: 'symbols', datatype: 'INT32', shape: [1, 5] }]);
});

it('takes and gives binary tensors', async () => {
  const said = Buffer.from(Int32Array.of(3, 5).buffer);
  const seen = Buffer.from(picture.buffer);
  const head = Buffer.from(
    JSON.stringify({
      inputs: [
        { name: 'said', shape: [1, 2], datatype: 'INT32', parameters: { binary_data_size: said.length } },
        { name: 'seen', shape: [1, 8, 8, 1], datatype: 'FP32', parameters: { binary_data_size: seen.length } },
      ],
      parameters: { binary_data_output: true },
    }),
  );
  const whole = Buffer.concat([head, said, seen]);
  const { status, headers, bytes } = await infer('both', whole, { 'Inference-Header-Content-Length': head.length });
  expect([status, headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  const length = Number(headers.get('inference-header-content-length'));
  expect(JSON.parse(bytes.subarray(0, length).toString()).outputs).toEqual([
    { name: 'output', datatype: 'FP32', shape: [1, 2], parameters: { binary_data_size: 8 } },
  ]);
  const plain = await answer('both', {
    inputs: [
      { name: 'seen', shape: [1, 8, 8, 1], datatype: 'FP64', data: [...picture] },
      { name: 'said', shape: [1, 2], datatype: 'UINT8', data: [3, 5] },
    ],
  });
  const numbers = new Float32Array(Uint8Array.from(bytes.subarray(length)).buffer);
  expect(plain.body.outputs).toMatchObject([{ data: close(numbers) }]);
});

it('tells in three parts what is wrong with tensors', async () => {
  const bad: readonly [request: unknown, says: string][] = [
    [[], 'The request: options must be an object with inputs, received []. Give an object instead.'],
    [{ inputs: [] }, 'The request: inputs must be a list of tensors, received []. Put 1 or more into it.'],
    [{ inputs: [{ ...image, shape: ['8'] }] }, 'The request: inputs.0.shape.0 must be a list of whole numbers'],
    [
      { inputs: [{ ...image, name: 'inpt' }] },
      'Task "shape" received tensors "inpt", expected one of each: input. Send these.',
    ],
    [{ inputs: [image, image] }, 'received tensors "input", "input", expected one of each: input.'],
    [
      { inputs: [{ ...image, shape: [1, 64] }] },
      'Tensor "input" has shape [1, 64], expected [-1, 8, 8, 1]. Reshape it.',
    ],
    [{ inputs: [{ ...image, shape: [0, 8, 8, 1], data: [] }] }, 'Tensor "input" has shape [0, 8, 8, 1]'],
    [{ inputs: [{ ...image, shape: [1e9, 8, 8, 1] }] }, 'Tensor "input" has 64 numbers, expected 64000000000'],
    [{ inputs: [{ ...image, datatype: 'BYTES' }] }, 'Tensor "input" has datatype "BYTES", expected one of: UINT8'],
    [{ inputs: [{ ...image, datatype: 'toString' }] }, 'Tensor "input" has datatype "toString"'],
    [
      { inputs: [{ ...image, data: [...picture].fill(1e39) }] },
      'Tensor "input" has 1e+39 at place 0, expected finite numbers. Correct it.',
    ],
    [{ inputs: [{ ...image, data: [...picture].map(String) }] }, 'Tensor "input" has no data, or other than numbers'],
    [{ inputs: [{ ...image, data: undefined }] }, 'Tensor "input" has no data'],
    [
      { inputs: [image], outputs: [{ name: 'x' }] },
      'Task "shape" gives no output "x", expected one of: output. Ask for these.',
    ],
    [
      { inputs: [{ ...image, parameters: { binary_data_size: 1 } }] },
      'Tensor "input" has binary_data_size 1, expected at most the 0 bytes',
    ],
  ];
  for (const [request, says] of bad) {
    const { status, body } = await answer('shape', request as object);
    expect([status, body.error], says).toEqual([400, expect.stringContaining(says)]);
  }
  const ids = { name: 'input', shape: [1, 2], datatype: 'INT32', data: [1.5, 2] };
  const says = async (request: object, headers = {}) => (await answer('colour', request, headers)).body.error;
  expect(await says({ inputs: [ids] })).toBe(
    'Tensor "input" has 1.5 at place 0, expected whole numbers of 32 bits. Correct it.',
  );
  expect(await says({ inputs: [{ ...ids, shape: [1, 9] }] })).toContain(
    'expected [-1, -1], with at most 8 in place of the second -1',
  );
  expect(await says({ inputs: [{ ...ids, datatype: 'FP32' }] })).toBe(
    'Tensor "input" has datatype FP32, expected INT32. Send it as that.',
  );
  for (const length of ['0', '-1', 'x', '1e9'])
    expect(await says({ inputs: [ids] }, { 'inference-header-content-length': length }), length).toContain(
      'expected the number of bytes of the JSON',
    );
  expect(
    await says(Buffer.from('{"inputs":[{"name":"input","shape":[1,1],"datatype":"INT32","data":[1]}]}xx'), {
      'inference-header-content-length': '73',
    }),
  ).toContain('The body has 2 bytes behind its tensors, expected none.');
});
