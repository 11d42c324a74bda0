import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyNetwork } from '../../src/network/index.ts';
import { type NetworkServer, serve } from '../../src/serve/index.ts';
import { clip, makeNetwork, picture, png, wav } from './served.ts';

let network: AnyNetwork;
let server: NetworkServer;
beforeAll(async () => {
  network = await makeNetwork(1);
  server = await serve(network, { port: 0, batch: 2 });
});
afterAll(async () => {
  await server.close();
  network.dispose();
});

const ask = async (path: string, type: string | undefined, sent: BodyInit | Buffer | undefined, method = 'POST') => {
  const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
  const response = await fetch(server.url + path, { method, headers, body: (sent ?? null) as BodyInit | null });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const inJson = (value: unknown) => JSON.stringify(value);
/** What the network itself predicts, as JSON has it; another size of batch changes the last digits. */
const predicted = async (task: string, inputs: readonly unknown[], options = {}) =>
  JSON.parse(
    JSON.stringify(await network.predict(task, inputs, options), (_, value) =>
      ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value,
    ),
    (_, value) => (typeof value === 'number' ? expect.closeTo(value, 5) : value),
  );
const base64 = (array: Float32Array) => ({ dtype: 'float32', base64: Buffer.from(array.buffer).toString('base64') });

describe('POST /predict/TASK gives what network.predict does', () => {
  it('for a picture, a sound and a text, as they are in files', async () => {
    expect(await ask('/predict/shape', 'image/png', await png())).toEqual({
      status: 200,
      body: { task: 'shape', version: '1', predictions: await predicted('shape', [picture]) },
    });
    const tone = await ask('/predict/tone', 'audio/wav', wav());
    expect(tone.body.predictions).toEqual(await predicted('tone', [clip]));
    const colour = await ask('/predict/colour', 'text/plain; charset=utf-8', 'a green ball');
    expect(colour.body.predictions).toEqual(await predicted('colour', ['a green ball']));
  });

  it('for several in a form, and for the inputs of one example', async () => {
    const two = new FormData();
    for (const text of ['a red ball', 'green']) two.append('any', new Blob([text]));
    expect((await ask('/predict/colour', undefined, two)).body.predictions).toHaveLength(2);
    const both = new FormData();
    both.append('seen', new Blob([Uint8Array.from(await png())]));
    both.append('said', 'a ball rolls');
    expect((await ask('/predict/both', undefined, both)).body.predictions).toEqual(
      await predicted('both', [{ seen: picture, said: 'a ball rolls' }]),
    );
    both.append('said', 'twice');
    expect(await ask('/predict/both', undefined, both)).toEqual({
      status: 400,
      body: {
        error:
          'Task "both" has several inputs, expected as many parts of each in a multipart/form-data: seen, said; received seen, said, said. Send one of each for every example.',
        code: 'argument',
      },
    });
  });

  it('for JSON: texts, records, and numbers with their type', async () => {
    const texts = ['red', 'a green ball rolls', 'ball', 'a', 'rolls'];
    const { body } = await ask('/predict/colour', 'application/json', inJson({ inputs: texts }));
    expect(body.predictions).toEqual(await predicted('colour', texts));
    const [image] = await Promise.all([
      ask('/predict/shape', 'application/json', inJson({ inputs: [base64(picture)] })),
      // One of bytes, at the same time: neither fits into the other's batch.
      ask('/predict/shape', 'application/json', inJson({ inputs: [{ dtype: 'uint8', base64: 'A'.repeat(86) }] })),
    ]);
    expect(image.body.predictions).toEqual(await predicted('shape', [picture]));
    const both = await ask(
      '/predict/both',
      'application/json',
      inJson({ inputs: [{ seen: base64(picture), said: 'a' }] }),
    );
    expect(both.body.predictions).toEqual(await predicted('both', [{ seen: picture, said: 'a' }]));
  });

  it('for rows, as JSON, CSV and JSON Lines', async () => {
    const expected = await predicted('side', [Float32Array.of(1, 2), Float32Array.of(-3, 0)]);
    const rows = [
      { x: 1, y: 2 },
      { x: -3, y: 0 },
    ];
    for (const [type, body] of [
      ['application/json', inJson({ rows })],
      ['text/csv', 'x,y\n1,2\n-3,0\n'],
      ['application/jsonl', rows.map(inJson).join('\n')],
    ] as const)
      expect((await ask('/predict/side', type, body)).body.predictions, type).toEqual(expected);
  });

  it('for a task that writes, with a beam', async () => {
    const { body } = await ask('/predict/reply?beam=3', 'text/plain', 'a red ball');
    expect(body.predictions).toEqual(await predicted('reply', ['a red ball'], { beam: 3 }));
    expect(await ask('/predict/colour?beam=2', 'text/plain', 'a')).toMatchObject({ status: 400 });
    for (const beam of ['0', '17', 'x', '1e9'])
      expect(await ask(`/predict/reply?beam=${beam}`, 'text/plain', 'a'), beam).toMatchObject({ status: 400 });
  });
});

it('tells in three parts what cannot be read, and nothing of this machine', async () => {
  const bad: readonly [path: string, type: string | undefined, body: string, status: number, says: string][] = [
    [
      '/predict/shap',
      'image/png',
      'x',
      404,
      'There is no task "shap" here. Expected one of: shape, tone, colour, both, side, reply. Did you mean "shape"?',
    ],
    ['/predict/..%2f..%2fetc%2fpasswd', 'text/plain', 'x', 404, 'There is no task "../../etc/passwd" here.'],
    ['/predict/__proto__', 'text/plain', 'x', 404, 'There is no task "__proto__" here.'],
    ['/predict/shape', 'image/png', 'x', 400, 'body: expected a picture file'],
    ['/predict/shape', 'image/png', '', 400, 'body: expected a picture file'],
    ['/predict/tone', 'audio/wav', 'RIFFxxxxWAVE', 400, 'body, byte '],
    ['/predict/colour', 'text/plain', '\xff', 400, ''],
    ['/predict/shape', undefined, '{}', 415, 'expected application/json, an image'],
    ['/predict/shape', 'application/x-www-form-urlencoded', 'x', 415, 'Say which by the header content-type.'],
    ['/predict/colour', 'application/json', '{"inputs": [', 400, 'The body is no JSON: '],
    ['/predict/colour', 'application/json', '[]', 400, 'The body is JSON without a list of examples'],
    ['/predict/colour', 'application/json', '{"inputs":["a"],"rows":[{}]}', 400, 'The body is JSON without a list'],
    ['/predict/colour', 'application/json', '{"inputs":[null]}', 400, 'Task "colour": input 0: received null'],
    ['/predict/colour', 'application/json', '{"inputs":["a",5]}', 400, 'Task "colour": input 1'],
    ['/predict/both', 'application/json', '{"inputs":[{"said":"a"}]}', 400, 'input 0 has no input "seen"'],
    [
      '/predict/shape',
      'application/json',
      `{"inputs":[[${[...picture]}]]}`,
      400,
      'input 0 is a list, expected numbers with their type',
    ],
    [
      '/predict/shape',
      'application/json',
      '{"inputs":[{"dtype":"float32","base64":"AAAA"}]}',
      400,
      '"base64" holds 3 bytes',
    ],
    [
      '/predict/shape',
      'application/json',
      '{"inputs":[{"dtype":"float32","base64":"AADAfw=="}]}',
      400,
      'has 64 numbers, received 1',
    ],
    ['/predict/shape', 'application/json', `{"inputs":${'['.repeat(5000)}`, 400, 'The body is no JSON'],
    ['/predict/colour', 'text/csv', 'x\n1\n', 400, 'Task "colour" makes no examples of rows'],
    ['/predict/both', 'multipart/form-data; boundary=x', 'no form', 400, 'The body is no multipart/form-data'],
  ];
  for (const [path, type, body, status, says] of bad) {
    const answer = await ask(path, type, type === undefined ? new Blob([body]) : body);
    expect([answer.status, Object.keys(answer.body)], `${path} ${body.slice(0, 40)}`).toEqual([
      status === 400 && says === '' ? answer.status : status,
      says === '' ? Object.keys(answer.body) : ['error', 'code'],
    ]);
    expect(answer.body.error ?? '', path).toContain(says);
    expect(JSON.stringify(answer.body)).not.toMatch(/banyan-serve-|\/tmp|\.ts:/);
  }
});

it('has no other paths than it says, and lists those as OpenAPI and for people', async () => {
  expect(await ask('/predict/shape', undefined, undefined, 'GET')).toEqual({
    status: 404,
    body: {
      error: 'There is no GET "/predict/shape", expected a path of /openapi.json. Look there.',
      code: 'argument',
    },
  });
  const { body } = await ask('/openapi.json', undefined, undefined, 'GET');
  const { paths } = body as { paths: Record<string, Record<string, unknown>> };
  for (const [path, methods] of Object.entries(paths)) {
    const url = path.replace('{task}', 'shape').replace('{model}', 'shape');
    const method = 'post' in methods ? 'POST' : 'GET';
    const response = await fetch(server.url + url, { method });
    expect(response.status, path).toBe(method === 'GET' ? 200 : path.startsWith('/v2') ? 400 : 415);
    await response.arrayBuffer();
  }
  const page = await fetch(server.url);
  expect(page.headers.get('content-type')).toBe('text/html; charset=UTF-8');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  for (const line of [
    `curl ${server.url}/predict/shape -H 'content-type: image/png' --data-binary @picture.png`,
    `curl ${server.url}/predict/both --form seen=@file --form said=@file`,
    `curl ${server.url}/predict/side -H 'content-type: text/csv' --data-binary @rows.csv`,
    'input: float32 [-1, 8, 8, 1]',
  ])
    expect(html).toContain(line);
});

it('counts for Prometheus', async () => {
  await ask('/predict/colour', 'application/json', inJson({ inputs: ['a', 'a', 'a'] }));
  const response = await fetch(`${server.url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await response.text()).split('\n');
  expect(lines.at(-1)).toBe('');
  for (const line of lines.slice(0, -1)) expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
  const numberOf = (start: string) =>
    Number(
      lines
        .find((line) => line.startsWith(start))
        ?.split(' ')
        .at(-1),
    );
  expect(numberOf('banyan_requests_total{route="/predict/:task",status="200"}')).toBeGreaterThan(5);
  expect(numberOf('banyan_requests_total{route="/predict/:task",status="404"}')).toBeGreaterThan(0);
  // Three examples, two of which find room in a batch.
  expect(numberOf('banyan_batch_size_bucket{task="colour",le="2"}')).toBe(
    numberOf('banyan_batch_size_count{task="colour"}'),
  );
  expect(numberOf('banyan_queue_examples{network="network"}')).toBe(0);
  expect(numberOf('banyan_network_version{network="network"}')).toBe(1);
});
