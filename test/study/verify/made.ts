// Saved networks and checkpoints by hand, as a training writes them: small, and without TensorFlow.
import { encodeSafetensors, type StoredTensor, writeFolder } from '../../../src/checkpoint/index.ts';
import type { Json } from '../../../src/task/contract.ts';

const numbers: StoredTensor = { shape: [2, 2], dtype: 'float32', values: Float32Array.of(1, 2, 3, 4) };

const network = {
  seed: 0,
  columns: [{ trunk: { kind: 'dense', width: 2, depth: 1, dropout: 0 }, laterals: 'none', inputs: [[]], tasks: ['a'] }],
  tasks: [{ name: 'a', stem: 'stem/a' }],
  assets: {},
  frozen: {},
};

export const saveNetwork = (folder: string, content: Json = network): Promise<void> =>
  writeFolder(folder, new Map([['weights.safetensors', encodeSafetensors(new Map([['w', numbers]]))]]), content);

export function saveCheckpoint(folder: string, step: number): Promise<void> {
  const reading = { positions: { a: 8 * step }, sources: {} };
  const training = { step, updates: step, missed: {}, reading, settings: { compile: 'graph' } };
  const files = new Map([
    ['weights.safetensors', encodeSafetensors(new Map([['w', numbers]]))],
    ['optimizer.safetensors', encodeSafetensors(new Map([['w#mean', numbers]]))],
  ]);
  return writeFolder(`${folder}/step-${String(step).padStart(8, '0')}`, files, { ...network, training });
}
