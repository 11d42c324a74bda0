export { checked } from './checked.ts';
export { type StoredType, TYPES } from './dtypes.ts';
export { writeFolder } from './folder.ts';
export { jsonText } from './json.ts';
export { MANIFEST } from './manifest.ts';
export { joinNumbers, separateNumbers } from './numbers.ts';
export { isSaved, type ReadFolder, readFolder } from './read.ts';
export { decodeSafetensors, decodeTensor, encodeSafetensors, type StoredTensor } from './safetensors.ts';
export {
  headerLength,
  LENGTH_BYTES,
  readHeader,
  type SafetensorsHeader,
  type TensorPlace,
} from './safetensors-header.ts';
