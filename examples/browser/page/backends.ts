/// <reference types="vite/client" />
// What computes in a browser: each is loaded when it is chosen, so that nobody loads another one's bytes.

import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threads from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { ready, setBackend } from '@tensorflow/tfjs-core';

const BACKENDS = {
  wasm: async () => {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths({
      'tfjs-backend-wasm.wasm': plain,
      'tfjs-backend-wasm-simd.wasm': simd,
      'tfjs-backend-wasm-threaded-simd.wasm': threads,
    });
  },
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
} as const;

export type Backend = keyof typeof BACKENDS;

/** Those that this browser has, the one to begin with first. */
export async function available(): Promise<readonly Backend[]> {
  const gpu = (navigator as { gpu?: { requestAdapter(): Promise<object | null> } }).gpu;
  const webgpu = (await gpu?.requestAdapter().catch(() => null)) ? (['webgpu'] as const) : [];
  const webgl = document.createElement('canvas').getContext('webgl2') === null ? [] : (['webgl'] as const);
  // Every browser has it, and it has no shaders to compile.
  return ['wasm', ...webgl, ...webgpu];
}

/** Has one compute from now on. @throws Error where it does not begin. */
export async function choose(backend: Backend): Promise<void> {
  await BACKENDS[backend]();
  if (!(await setBackend(backend))) throw new Error(`${backend} does not begin here`);
  await ready();
}
