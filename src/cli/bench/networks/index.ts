import type { AnyTask } from '../../../task/index.ts';
import { transformerTrunk } from '../../../trunk/index.ts';
import type { BenchNetwork } from './bench-task.ts';
import { cnn } from './cnn.ts';
import { multiModels } from './multi-model.ts';
import { oneInput, transformer } from './transformer.ts';

export type { BenchNetwork } from './bench-task.ts';

/**
 * The network of `examples/joint.ts`: one transformer trunk, and of each modality the first task that comes with a data set.
 */
export const joint = {
  name: 'joint-real',
  batches: [64],
  trunk: transformerTrunk({ width: 128, depth: 4, heads: 4 }),
  tasks: (tasks: readonly AnyTask[]): AnyTask[] => {
    const modality = ({ stem }: AnyTask) => (stem as { readonly modality?: string }).modality;
    const stored = tasks.filter(
      ({ source }) => source.facts?.found !== undefined || source.facts?.missing !== undefined,
    );
    return stored.filter((task, i) => stored.findIndex((other) => modality(other) === modality(task)) === i);
  },
};

export { cnn, oneInput, transformer };
export const GENERATED: readonly BenchNetwork[] = [cnn, transformer, ...multiModels];
export const NETWORKS = [...GENERATED.map(({ name, batches }) => ({ name, batches })), joint];
