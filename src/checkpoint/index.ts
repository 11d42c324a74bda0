export { checked } from './checked.ts';
export { writeFolder } from './folder.ts';
export { jsonText } from './json.ts';
export { joinNumbers, separateNumbers } from './numbers.ts';
export { isSaved, type ReadFolder, readFolder } from './read.ts';
export { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';
