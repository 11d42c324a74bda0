// By Python's own TensorFlow, LiteRT and ONNX Runtime, where BANYAN_TENSORFLOW_PYTHON names a Python with tensorflow, ai-edge-litert, onnx and onnxruntime.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { notes, sentences, shapes } from 'banyan-ml/tasks';
import { expect, it } from 'vitest';
import { exportNetwork } from '../../src/export/index.ts';
import { createNetwork, transformerTrunk } from '../../src/index.ts';
import { root, temporaryFolder } from '../repository.ts';

const python = process.env.BANYAN_TENSORFLOW_PYTHON;
const folder = temporaryFolder();

it.skipIf(python === undefined)(
  'what was exported gives in Python what the network gave',
  { timeout: 300_000 },
  async () => {
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 32, depth: 2, heads: 4 }),
      tasks: [shapes, notes, sentences],
      seed: 1,
    });
    const [saved, onnx, variables] = ['saved-model', 'onnx', 'variables'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await exportNetwork(network, { format: 'saved-model', out: saved });
    await exportNetwork(network, { format: 'onnx', out: onnx });
    await exportNetwork(network, { format: 'saved-model', out: variables, variables: true });
    network.dispose();
    const program = join(root, 'test/export/exported.py');
    const said = execFileSync(python!, [program, saved, onnx, variables], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const differences = JSON.parse(said.trim().split('\n').at(-1)!) as Record<string, number>;
    expect(Object.keys(differences).sort()).toEqual(['onnx', 'tensorflow', 'tflite', 'variables']);
    for (const difference of Object.values(differences)) expect(difference).toBeLessThanOrEqual(1e-5);
  },
);
