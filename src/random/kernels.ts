import * as tf from '@tensorflow/tfjs';
import { nodeBackend, typeAttribute } from '../runtime/index.ts';
import { philox } from './philox.ts';

const KERNEL = 'BanyanUniform';
/** TensorFlow's number for the algorithm. */
const PHILOX = 1;

/** Draws on TensorFlow, by the stateless V2 operations with the Philox algorithm. */
function uniformOnTensorFlow(seed: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  const backend = nodeBackend();
  const { binding } = backend;
  const type = (name: string, dtype: tf.DataType) => typeAttribute(name, backend.getDTypeInteger(dtype));
  const shapeTensor = tf.tensor1d(shape, 'int32');
  const algorithm = tf.scalar(PHILOX, 'int32');
  const [seedId, shapeId, algorithmId] = backend.getInputTensorIds([seed, shapeTensor, algorithm]);
  // Key and counter are uint64, a type that tfjs does not have: they stay numbers of TensorFlow's tensors.
  const [key, counter] = binding.executeOp('StatelessRandomGetKeyCounter', [type('Tseed', 'int32')], [seedId!], 2);
  const [output] = binding.executeOp(
    'StatelessRandomUniformV2',
    [type('dtype', 'float32'), type('Tshape', 'int32')],
    [shapeId!, key!.id, counter!.id, algorithmId!],
    1,
  );
  binding.deleteTensor(key!.id);
  binding.deleteTensor(counter!.id);
  shapeTensor.dispose();
  algorithm.dispose();
  return backend.createOutputTensor(output!);
}

/** Draws the same numbers in JavaScript: TensorFlow's scrambling of the seed, then Philox, 23 bits a float. */
export function uniformValues(seed: ArrayLike<number>, count: number): Float32Array {
  const words = new Uint32Array(4);
  const signs = [seed[0]! < 0 ? 0xffffffff : 0, seed[1]! < 0 ? 0xffffffff : 0];
  philox([seed[0]! >>> 0, signs[0]!, seed[1]! >>> 0, signs[1]!], 0x3ec8f720, 0x02461e29, words);
  const [key0, key1, counter2, counter3] = [words[0]!, words[1]!, words[2]!, words[3]!];
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const lane = i & 3;
    if (lane === 0) philox([(i / 4) >>> 0, 0, counter2, counter3], key0, key1, words);
    values[i] = (words[lane]! & 0x7fffff) / 2 ** 23;
  }
  return values;
}

tf.registerKernel({
  kernelName: KERNEL,
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs }) =>
    uniformOnTensorFlow(inputs.seed as tf.TensorInfo, (attrs as { shape: number[] }).shape),
});
tf.registerKernel({
  kernelName: KERNEL,
  backendName: 'cpu',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { shape } = attrs as { shape: number[] };
    const cpu = backend as unknown as { data: { get(id: object): { values: Int32Array } } };
    const seed = cpu.data.get((inputs.seed as tf.TensorInfo).dataId).values;
    return tf.tensor(uniformValues(seed, tf.util.sizeFromShape(shape)), shape, 'float32');
  },
});

/** Draws float32 numbers, uniform in [0, 1), of this shape: the same on every backend. `seed` is an int32 tensor `[2]`. */
export function drawUniform(seed: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.engine().runKernel(KERNEL, { seed } as unknown as tf.NamedTensorMap, { shape: [...shape] }) as tf.Tensor;
}
