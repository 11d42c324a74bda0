import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as ort from 'onnxruntime-node';
import type { HostTensor } from '../../../runtime/index.ts';
import type { Opened } from '../format.ts';

// Errors alone: it remarks on the console on how a model could be smaller.
const QUIET = { logSeverityLevel: 3 } as const;

/** Opens ONNX models by ONNX Runtime; undefined where it is not installed. */
export async function openOnnx(folder: string, fileOf: (name: string) => string): Promise<Opened | undefined> {
  const require = createRequire(import.meta.url);
  let runtime: typeof ort;
  try {
    runtime = require('onnxruntime-node') as typeof ort;
  } catch {
    return undefined;
  }
  const { version } = require('onnxruntime-node/package.json') as { version: string };
  const sessions = new Map<string, ort.InferenceSession>();
  return {
    runtime: `onnxruntime-node ${version}`,
    run: async ({ name, inputs, outputs }, tensors) => {
      const session = sessions.get(name) ?? (await runtime.InferenceSession.create(join(folder, fileOf(name)), QUIET));
      sessions.set(name, session);
      const feeds = inputs.map((input, i) => {
        const { dtype, values, shape } = tensors[i]!;
        return [input.name, new runtime.Tensor(dtype as 'float32', values as Float32Array, shape)] as const;
      });
      const results = await session.run(Object.fromEntries(feeds));
      return outputs.map((output) => {
        const { type, dims, data } = results[output.name]!;
        return { shape: dims, dtype: type, values: data } as HostTensor;
      });
    },
    dispose: async () => {
      for (const session of sessions.values()) await session.release();
    },
  };
}
