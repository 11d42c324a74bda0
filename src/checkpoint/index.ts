export { clearUnfinished, type ReadFolder, readFolder, writeFolder } from './folder.ts';
export { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';
