// First, so that a second copy of the package is told before its tfjs is there.
import 'banyan-ml';

import type { AnyTask } from 'banyan-ml';
import { type DataSet, type DataTaskOptions, INPUT_FIELD_KIND, TARGET_FIELD_KIND, tasksOver } from 'banyan-ml/plugin';
import { Container, ContainerModule } from 'inversify';
import { soundInput } from './audio/fields/sound.ts';
import { categoryInput } from './table/fields/category.ts';
import { classTarget } from './table/fields/class-target.ts';
import { dateInput } from './table/fields/date.ts';
import { embeddingTarget } from './table/fields/embedding-target.ts';
import { numberInput } from './table/fields/number.ts';
import { numberTarget, vectorTarget } from './table/fields/number-target.ts';
import { ordinalTarget } from './table/fields/ordinal-target.ts';
import { tagsTarget } from './table/fields/tags-target.ts';
import { vectorInput } from './table/fields/vector.ts';
import { labelsTarget } from './text/fields/labels-target.ts';
import { textInput } from './text/fields/text.ts';
import { textTarget } from './text/fields/text-target.ts';
import { wordsInput } from './text/fields/words.ts';
import { maskTarget } from './vision/fields/mask-target.ts';
import { pictureInput } from './vision/fields/picture.ts';

const INPUTS = [numberInput, categoryInput, dateInput, vectorInput, textInput, wordsInput, pictureInput, soundInput];
const TARGETS = [
  numberTarget,
  classTarget,
  ordinalTarget,
  tagsTarget,
  vectorTarget,
  textTarget,
  labelsTarget,
  maskTarget,
  embeddingTarget,
];

export { type DataOptions, type DataSet, type DataTaskOptions, dataSet } from 'banyan-ml/plugin';

/** This plugin brings the kinds of inputs and targets that columns of one's own data may be. */
const fields = new ContainerModule(({ bind }) => {
  for (const kind of INPUTS) bind(INPUT_FIELD_KIND).toConstantValue(kind);
  for (const kind of TARGETS) bind(TARGET_FIELD_KIND).toConstantValue(kind);
});

export default fields;

/**
 * Makes tasks over the columns of a data set, by their names: `await dataTasks(dataSet({ file: 'houses.csv' }), { price: { inputs: ['area', 'street'], target:
 * 'price' } })`. Every row is read once, for how numbers are spread and which words there are. Tasks with the same inputs share their
 * batches.
 * @param plugins bring further kinds of inputs and targets.
 * @throws BanyanError `data` for a column that there is not, a kind that cannot be told, or a cell that is not of its kind.
 */
export async function dataTasks<Name extends string>(
  data: DataSet,
  tasks: Readonly<Record<Name, DataTaskOptions>>,
  plugins: readonly ContainerModule[] = [],
): Promise<Readonly<Record<Name, AnyTask>>> {
  const container = new Container();
  await container.load(fields, ...plugins);
  return tasksOver(data, tasks, container);
}

/** Makes one task over the columns of a data set: see `dataTasks`. Tasks over one `DataSet` with the same inputs share their batches. */
export async function dataTask<const Name extends string>({
  name,
  data,
  ...options
}: DataTaskOptions & { readonly name: Name; readonly data: DataSet }): Promise<AnyTask> {
  const tasks = await dataTasks(data, { [name]: options } as Record<Name, DataTaskOptions>);
  return tasks[name];
}
