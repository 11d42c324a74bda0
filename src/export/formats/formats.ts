import type { Format } from './format.ts';
import { onnx } from './onnx/onnx.ts';
import { savedModel } from './saved-model/saved-model.ts';
import { tfjs } from './tfjs.ts';
import { tflite } from './tflite/tflite.ts';

/** The forms in which a network leaves. */
export const FORMATS: readonly Format[] = [savedModel, tfjs, onnx, tflite];
