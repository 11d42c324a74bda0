import { entriesOf } from '../../network/index.ts';
import { Refusal } from '../refusal.ts';
import type { Prepared } from '../served-network.ts';
import type { ServedTask } from '../served-task.ts';
import { datatypeOf, isWhole, numbersOf } from './datatypes.ts';
import type { SentTensor } from './request.ts';

/** Takes tensors `[batch, …]` apart to examples as a task's stems take them. @throws Refusal 400 for tensors that are not the task's. */
export function examplesOf({ task, inputs }: ServedTask, sent: readonly SentTensor[]): readonly Prepared[] {
  if (inputs === undefined) {
    throw new Refusal(
      400,
      `Task "${task.name}" takes no tensors here, since a stem of it does not tell their type (\`dtypes\`). Expected examples as \`POST /predict/${task.name}\` takes them. Ask that.`,
      'plugin',
    );
  }
  const stems = entriesOf(task.input).map(({ stem }) => stem.implementation);
  const names = inputs.map(({ name }) => name);
  const unknown = sent.find(({ name }, i) => !names.includes(name) || sent.findIndex((each) => each.name === name) < i);
  if (unknown !== undefined || sent.length < names.length) {
    throw new Refusal(
      400,
      `Task "${task.name}" received tensors ${sent.map(({ name }) => JSON.stringify(name.slice(0, 40))).join(', ')}, expected one of each: ${names.join(', ')}. Send these.`,
    );
  }
  const columns = inputs.map(({ name, shape }, i) => {
    const tensor = sent.find((each) => each.name === name)!;
    const { dtypes = [], inputShape } = stems[i]!;
    const dtype = isWhole(name, tensor.datatype) ? 'int32' : 'float32';
    if (!dtypes.includes(dtype)) {
      throw new Refusal(
        400,
        `Tensor "${name}" has datatype ${tensor.datatype}, expected ${dtypes.map(datatypeOf).join(' or ')}. Send it as that.`,
      );
    }
    assertShape(tensor, shape, inputShape[0]!);
    return rowsOf(tensor, dtype);
  });
  const count = columns[0]!.length;
  if (columns.some(({ length }) => length !== count)) {
    throw new Refusal(
      400,
      `Task "${task.name}" received tensors of ${columns.map(({ length }) => length).join(', ')} examples, expected as many in each. Make their first axes alike.`,
      'shape',
    );
  }
  return Array.from({ length: count }, (_, i) => columns.map((rows) => rows[i]!));
}

function assertShape({ name, shape }: SentTensor, expected: readonly number[], longest: number): void {
  const fits =
    shape.length === expected.length &&
    shape[0]! >= 1 &&
    expected.every(
      (size, axis) => axis === 0 || (size === -1 ? shape[axis]! >= 1 && shape[axis]! <= longest : shape[axis] === size),
    );
  if (fits) return;
  const limit = expected.includes(-1, 1) ? `, with at most ${longest} in place of the second -1` : '';
  throw new Refusal(
    400,
    `Tensor "${name}" has shape [${shape.slice(0, 9).join(', ')}], expected [${expected.join(', ')}]${limit}. Reshape it.`,
    'shape',
  );
}

function rowsOf({ name, shape, datatype, data, bytes }: SentTensor, dtype: 'float32' | 'int32') {
  const values = bytes === undefined ? flat(name, data) : numbersOf(name, datatype, bytes);
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  if (values.length !== shape[0]! * size) {
    throw new Refusal(
      400,
      `Tensor "${name}" has ${values.length} numbers, expected ${shape[0]! * size} for its shape [${shape.join(', ')}]. Correct the one or the other.`,
      'shape',
    );
  }
  const numbers = dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values);
  for (let i = 0; i < numbers.length; i++) {
    const fits = dtype === 'float32' ? Number.isFinite(numbers[i]) : numbers[i] === values[i];
    if (fits) continue;
    throw new Refusal(
      400,
      `Tensor "${name}" has ${String(values[i]).slice(0, 40)} at place ${i}, expected ${dtype === 'float32' ? 'finite numbers' : 'whole numbers of 32 bits'}. Correct it.`,
      'data',
    );
  }
  return Array.from({ length: shape[0]! }, (_, i) => numbers.subarray(i * size, (i + 1) * size));
}

/** Numbers in lists of lists, one after the other. @throws Refusal 400 for anything else. */
function flat(name: string, data: unknown): readonly number[] {
  const numbers: unknown = Array.isArray(data) ? data.flat(Number.POSITIVE_INFINITY) : data;
  if (Array.isArray(numbers) && numbers.every((value) => typeof value === 'number')) return numbers;
  throw new Refusal(
    400,
    `Tensor "${name}" has no data, or other than numbers, expected a list of numbers, or binary_data_size with bytes behind the JSON. Add it.`,
    'data',
  );
}
