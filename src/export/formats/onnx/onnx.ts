import { IN_GRAPH } from '../../quantise/store.ts';
import type { Format } from '../format.ts';
import { openOnnx } from './runtime.ts';
import { writeOnnx } from './write.ts';

/** An ONNX model for each function: FUNCTION.onnx. The axis of samples is named `batch`. */
export const onnx: Format = {
  kind: 'onnx',
  about: 'ONNX models, for ONNX Runtime on servers, phones and in browsers; a file a function',
  quantisations: IN_GRAPH,
  write: (graph) => new Map(graph.signatures.map((signature) => [fileOf(signature.name), writeOnnx(graph, signature)])),
  open: (folder) => openOnnx(folder, fileOf),
  missing: 'ONNX Runtime; `npm install onnxruntime-node` installs it',
};

const fileOf = (name: string): string => `${name}.onnx`;
