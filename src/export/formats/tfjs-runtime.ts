import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { HostTensor } from '../../runtime/index.ts';
import type { NamedTensor, Signature } from '../graph/network-graph.ts';
import type { Opened } from './format.ts';

// tfjs has one backend at a time in a thread, and in this one it is TensorFlow: plain JavaScript needs another thread.
const PROGRAM = `
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { parentPort, workerData: { library, wasm, folder } } = require('node:worker_threads');
const tf = require(library);
const ready = wasm === undefined ? tf.setBackend('cpu') : onWebAssembly();
const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
const [{ paths, weights: weightSpecs }] = json.weightsManifest;
const data = Buffer.concat(paths.map((path) => readFileSync(join(folder, path))));
const { modelTopology, signature, format } = json;
const weightData = new Uint8Array(data).buffer;
const loading = ready.then(() =>
  tf.loadGraphModel({ load: async () => ({ modelTopology, signature, format, weightSpecs, weightData }) }));
async function onWebAssembly() {
  require(wasm);
  if (!(await tf.setBackend('wasm'))) throw new Error('WebAssembly does not begin here');
}
parentPort.on('message', async ({ inputs, outputs }) => {
  try {
    const model = await loading;
    const named = Object.entries(inputs).map(([name, t]) => [name, tf.tensor(t.values, t.shape, t.dtype)]);
    const results = [].concat(model.execute(Object.fromEntries(named), outputs));
    const answer = results.map((tensor) => ({ shape: tensor.shape, dtype: tensor.dtype, values: tensor.dataSync() }));
    tf.dispose([named.map(([, tensor]) => tensor), results]);
    parentPort.postMessage({ answer });
  } catch (error) {
    parentPort.postMessage({ fault: String(error && error.message) });
  }
});
`;

/** The name of a function's input or output in the signature of a graph model, which has one for all. */
export const tfjsName = (signature: Signature, { name }: NamedTensor): string => `${signature.name}/${name}`;

/** Opens a graph model by plain tfjs, on a thread of its own: by its JavaScript backend, or in WebAssembly, as browsers do. */
export async function openTfjs(folder: string, backend: 'cpu' | 'wasm' = 'cpu'): Promise<Opened> {
  const require = createRequire(import.meta.url);
  const { version } = require('@tensorflow/tfjs/package.json') as { version: string };
  const wasm = backend === 'wasm' ? require.resolve('@tensorflow/tfjs-backend-wasm') : undefined;
  const workerData = { library: require.resolve('@tensorflow/tfjs'), wasm, folder };
  // It advertises a faster package on the console.
  const worker = new Worker(PROGRAM, { eval: true, workerData, execArgv: [], stdout: true, stderr: true });
  const ask = (question: object) =>
    new Promise<readonly HostTensor[]>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', ({ answer, fault }: { answer?: readonly HostTensor[]; fault?: string }) => {
        worker.off('error', reject);
        if (answer !== undefined) resolve(answer);
        else reject(new Error(fault));
      });
      worker.postMessage(question);
    });
  return {
    runtime: `@tensorflow/tfjs ${version}, ${backend}`,
    run: (signature: Signature, inputs) =>
      ask({
        inputs: Object.fromEntries(signature.inputs.map((tensor, i) => [tfjsName(signature, tensor), inputs[i]!])),
        outputs: signature.outputs.map((tensor) => tfjsName(signature, tensor)),
      }),
    dispose: async () => void (await worker.terminate()),
  };
}
