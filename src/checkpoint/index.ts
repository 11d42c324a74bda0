export { clearUnfinished, type ReadFolder, readFolder, writeFolder } from './folder.ts';
export { jsonText } from './json.ts';
export { joinNumbers, separateNumbers } from './numbers.ts';
export { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';
