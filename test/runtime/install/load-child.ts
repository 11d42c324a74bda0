// Loads TensorFlow from a package folder and a binding, and says which backend the installed tfjs has then.
import * as tf from '@tensorflow/tfjs';
import { loadTensorflow } from '../../../src/runtime/install/load.ts';

const [nodePackage, binding] = process.argv.slice(2);
const { version } = loadTensorflow(nodePackage!, binding);
console.log(tf.getBackend(), version);
