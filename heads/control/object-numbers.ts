import { BanyanError, type SeenObject } from 'banyan-ml';

/** An object is these numbers: type + 1, since 0 is padding; rows below and columns right of the one that acts. */
export const OBJECT_NUMBERS = 3;

/** Settings of `objectStem` by which a list of objects becomes numbers. */
export interface ObjectSettings {
  readonly types: number;
  readonly most: number;
}

/** Makes what gives the numbers of objects, `[most, 3]`. A list of numbers is one already. */
export function objectNumbers(
  { types, most }: ObjectSettings,
  task: string,
): (objects: readonly SeenObject[] | Float32Array) => Float32Array {
  return (objects) => {
    if (objects instanceof Float32Array) return assertSize(task, objects, most * OBJECT_NUMBERS);
    assertFits(task, objects, { types, most });
    const [agent] = objects;
    const numbers = new Float32Array(most * OBJECT_NUMBERS);
    for (const [i, { type, row, column }] of objects.entries())
      numbers.set([type + 1, row - agent!.row, column - agent!.column], i * OBJECT_NUMBERS);
    return numbers;
  };
}

function assertFits(task: string, objects: readonly SeenObject[], { types, most }: ObjectSettings): void {
  if (objects.length < 1 || objects.length > most) {
    throw new BanyanError(
      'shape',
      `Task "${task}": expected 1 to ${most} objects, first the one that acts, received ${objects.length}. Set the stem's \`most\` to the most that there can be.`,
    );
  }
  const odd = objects.find(
    ({ type, row, column }) => !(isBelow(type, types) && Number.isInteger(row) && Number.isInteger(column)),
  );
  if (odd === undefined) return;
  throw new BanyanError(
    'data',
    `Task "${task}": expected objects of a type from 0 to ${types - 1} with whole rows and columns, received ${JSON.stringify(odd)}. Set the stem's \`types\` to how many there are, or round the places.`,
  );
}

function assertSize(task: string, numbers: Float32Array, size: number): Float32Array {
  if (numbers.length === size) return numbers;
  throw new BanyanError(
    'shape',
    `Task "${task}": expected ${size} numbers of objects, received ${numbers.length}. Give objectView and objectStem the same \`most\`.`,
  );
}

const isBelow = (type: number, types: number): boolean => Number.isInteger(type) && type >= 0 && type < types;
