import { resolve } from 'node:path';
import type { LateralKind } from '../../trunk/index.ts';
import { resolvePlugin } from '../plugins/resolve.ts';
import type { LoadedExperiment } from './load.ts';

/** What of a column's experiment is not the run's. */
export interface Growth {
  readonly tasks: readonly string[];
  readonly plugin?: readonly string[];
  readonly laterals?: LateralKind;
  readonly stem?: string;
  readonly steps?: number;
}

/** The experiment of a column with these tasks beside the network of the run in `folder`, trained as the run was. */
export function growExperiment(run: LoadedExperiment, folder: string, growth: Growth): LoadedExperiment {
  const { name, seed, plugins, training } = run.experiment;
  const { tasks, plugin = [], laterals: kind, stem, steps } = growth;
  const { epochs: _, ...rest } = training;
  return {
    file: run.file,
    place: () => '--tasks',
    experiment: {
      name: `${name}-${tasks.join('-')}`,
      seed,
      base: resolve(folder),
      tasks: Object.fromEntries(tasks.map((task) => [task, {}])),
      plugins: [...plugins, ...plugin.map((given) => resolvePlugin(given, process.cwd()))],
      ...(kind === undefined && stem === undefined ? {} : { laterals: { kind, stem } }),
      training: steps === undefined ? training : { ...rest, steps },
    },
  };
}
