// node --conditions=source --import tsx test/long/serve-onnx.ts [--port 8001]
// A peer of `banyan serve` for serve-load.ts: node:http and onnxruntime-node with the network of src/cli/bench/networks/transformer.ts, one
// request after the other. It answers the body of POST /predict/pictures.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { transformer } from '../../src/cli/bench/networks/transformer.ts';
import { exportNetwork } from '../../src/export/index.ts';
import { createNetwork } from '../../src/index.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8001' } } });
const folder = mkdtempSync(join(tmpdir(), 'banyan-onnx-'));
const out = join(folder, 'exported');
const network = await createNetwork({ trunk: transformer.trunk, tasks: transformer.tasks(8) });
await exportNetwork(network, { format: 'onnx', out, tasks: ['pictures'] });
network.dispose();
const session = await InferenceSession.create(join(out, 'pictures.onnx'));
rmSync(folder, { recursive: true });

interface Body {
  readonly inputs: readonly { readonly base64: string }[];
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part as Uint8Array);
  return JSON.parse(Buffer.concat(parts).toString()) as Body;
}

async function predict({ inputs }: Body): Promise<unknown> {
  const numbers = new Float32Array(inputs.length * 16 * 49);
  for (const [i, { base64 }] of inputs.entries()) {
    const bytes = Buffer.from(base64, 'base64');
    numbers.set(new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), i * 16 * 49);
  }
  const { output } = await session.run({ input: new Tensor('float32', numbers, [inputs.length, 16, 49]) });
  return { predictions: [...(output!.data as Float32Array)] };
}

const server = createServer((request, response) => {
  bodyOf(request)
    .then(predict)
    .then((answer) => response.setHeader('content-type', 'application/json').end(JSON.stringify(answer)))
    .catch((error: Error) => response.writeHead(500).end(error.message));
});
server.listen(Number(values.port), '127.0.0.1');
await once(server, 'listening');
console.log(`http://127.0.0.1:${values.port}`);
