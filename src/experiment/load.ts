import { basename, dirname, extname, resolve } from 'node:path';
import { BanyanError } from '../error.ts';
import { resolvePlugin } from './plugins/resolve.ts';
import { type Path, problemsOf } from './problems.ts';
import { type RawExperiment, readExperiment } from './read.ts';
import { type Experiment, experimentSchema } from './schema.ts';

/** An experiment whose name and seed are known. */
export type CheckedExperiment = Experiment & { readonly name: string; readonly seed: number };

/** A checked experiment, and where it stands. */
export interface LoadedExperiment {
  readonly file: string;
  readonly experiment: CheckedExperiment;
  /** Whether its plugins are left out. */
  readonly withoutPlugins?: true;
  /** `experiment.yaml, line 3`: how an error names a place in it. */
  place(path: Path): string;
}

/**
 * Reads and checks an experiment file. Plugins and base are resolved from its folder: the run's folder will hold the experiment too.
 * @throws BanyanError `experiment` with every problem found.
 */
export async function loadExperiment(file: string): Promise<LoadedExperiment> {
  const raw = await readExperiment(file);
  const place = placeIn(raw);
  const checked = experimentSchema.safeParse(raw.data);
  if (!checked.success) {
    const { first, all } = problemsOf(checked.error.issues, raw.data);
    const lines = first.map(({ path, text }) => `${place(path)}: ${text}`);
    if (all > first.length) lines.push(`and ${all - first.length} more.`);
    throw new BanyanError('experiment', lines.join('\n'), { cause: checked.error });
  }
  const folder = dirname(resolve(file));
  const { name = nameOf(file), plugins, base, ...rest } = checked.data;
  const seed = rest.seed ?? rest.training.seed ?? 0;
  const experiment = {
    name,
    ...(base === undefined ? {} : { base: resolve(folder, base) }),
    ...rest,
    seed,
    plugins: plugins.map((plugin) => resolvePlugin(plugin, folder)),
  };
  return { file, experiment, place };
}

/** The file's name without what a run's folder should not have in its. */
function nameOf(file: string): string {
  const plain = basename(file, extname(file)).replace(/[^A-Za-z0-9_.-]+/g, '-');
  return plain.replace(/^[^A-Za-z0-9_]+|-+$/g, '') || 'experiment';
}

function placeIn(raw: RawExperiment): (path: Path) => string {
  return (path) => {
    const line = raw.lineOf(path);
    return line === undefined ? raw.file : `${raw.file}, line ${line}`;
  };
}
