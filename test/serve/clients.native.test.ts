// By Triton's client, and by readers of OpenAPI and of Prometheus' text, where BANYAN_SERVE_PYTHON names a Python with tritonclient[http],
// openapi-spec-validator and prometheus_client.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { internals, outputsOf } from '../../src/network/index.ts';
import { serve } from '../../src/serve/index.ts';
import { root, temporaryFolder } from '../repository.ts';
import { makeNetwork, picture } from './served.ts';

const python = process.env.BANYAN_SERVE_PYTHON;
const folder = temporaryFolder();

it.skipIf(python === undefined)('programs of others read what the server answers', { timeout: 300_000 }, async () => {
  const network = await makeNetwork(3);
  const server = await serve(network, { port: 0, batch: 1 });
  const { body } = internals(network);
  const [sample] = await outputsOf(body, body.task('shape'), [picture]);
  const file = join(folder, 'picture');
  writeFileSync(file, new Uint8Array(picture.buffer));
  const { stdout } = await promisify(execFile)(python!, [join(root, 'test/serve/clients.py'), server.url, file]);
  await server.close();
  network.dispose();
  const output = [Array.from(sample as Float32Array, (number) => expect.closeTo(number, 5))];
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toEqual({
    metadata: {
      name: 'shape',
      versions: ['1'],
      platform: 'banyan-ml',
      inputs: [{ name: 'input', datatype: 'FP32', shape: [-1, 8, 8, 1] }],
      outputs: [{ name: 'output', datatype: 'FP32', shape: [-1, 2] }],
    },
    answers: {
      True: output,
      False: output,
      default: output,
      unknown: expect.stringContaining('There is no task "shap" here.'),
    },
    metrics: {
      banyan_requests: 'counter',
      banyan_request_duration_seconds: 'histogram',
      banyan_batch_size: 'histogram',
      banyan_queue_examples: 'gauge',
      banyan_network_version: 'gauge',
      banyan_network_replacements: 'counter',
      process_resident_memory_bytes: 'gauge',
    },
  });
});
