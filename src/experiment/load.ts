import { basename, dirname, extname, resolve } from 'node:path';
import type { z } from 'zod';
import { BanyanError } from '../error.ts';
import type { Bindings } from '../kind/index.ts';
import { resolveData } from './data-paths.ts';
import { resolvePlugin } from './plugins/resolve.ts';
import { type Path, problemsOf } from './problems.ts';
import { type RawExperiment, readExperiment } from './read.ts';
import { type Experiment, experimentSchema } from './schema.ts';
import { applySettings, type Settings } from './settings.ts';

/** An experiment whose name and seed are known. */
export type CheckedExperiment = Experiment & { readonly name: string; readonly seed: number };

/** A checked experiment, and where it stands. */
export interface LoadedExperiment {
  readonly file: string;
  readonly experiment: CheckedExperiment;
  /** Whether its plugins are left out. */
  readonly withoutPlugins?: true;
  /** Names a place in it for an error: `experiment.yaml, line 3`. */
  place(path: Path): string;
}

/**
 * Reads and checks an experiment file. No plugin is imported: a kind that one of them may bring is let pass, and is checked by
 * `checkKinds` once they are loaded. Plugins and base are resolved from the file's folder: the run's folder will hold the
 * experiment too.
 * @param settings what takes the place of what the file says.
 * @throws BanyanError `experiment` with every problem found.
 */
export async function loadExperiment(file: string, settings: Settings = {}): Promise<LoadedExperiment> {
  return checkExperiment(applySettings(await readExperiment(file), settings));
}

/** Sets values in an experiment, and checks it again. @throws BanyanError `experiment` with every problem found. */
export function changeExperiment(loaded: LoadedExperiment, settings: Settings): LoadedExperiment {
  const { file, experiment: data, place } = loaded;
  return { ...loaded, ...checkExperiment(applySettings({ file, data, place }, settings)) };
}

/** Checks what an experiment file says, or an object of a program. @throws BanyanError `experiment` with every problem found. */
export function checkExperiment(raw: RawExperiment): LoadedExperiment {
  const { file, place } = raw;
  const named = (raw.data as { readonly plugins?: unknown } | null | undefined)?.plugins;
  const checked = experimentSchema(Array.isArray(named) && named.length > 0 ? 'later' : undefined).safeParse(raw.data);
  if (!checked.success) throw problem(checked.error, raw.data, place);
  const folder = dirname(resolve(file));
  const { name = nameOf(file), plugins, base, data, pretrained, ...rest } = checked.data;
  const seed = rest.seed ?? rest.training.seed ?? 0;
  const experiment = {
    name,
    ...(base === undefined ? {} : { base: resolve(folder, base) }),
    ...rest,
    seed,
    ...(pretrained === undefined
      ? {}
      : { pretrained: pretrained.map((weights) => ({ ...weights, from: resolve(folder, weights.from) })) }),
    ...(data === undefined ? {} : { data: resolveData(data, folder) }),
    plugins: plugins.map((plugin) => resolvePlugin(plugin, folder)),
  };
  return { file, experiment, place };
}

/**
 * Checks the kinds that an experiment names, by the container in which its plugins have bound theirs.
 * @throws BanyanError `experiment` for a kind that there is not, or an option that is wrong.
 */
export function checkKinds({ experiment, place, withoutPlugins }: LoadedExperiment, bindings: Bindings): void {
  const checked = experimentSchema(bindings).safeParse(experiment);
  if (checked.success) return;
  const error = problem(checked.error, experiment, place);
  if (!withoutPlugins) throw error;
  throw new BanyanError(
    'experiment',
    `${error.message}\n--no-plugins leaves out what may bring it: ${experiment.plugins.join(', ')}. Look at that code, and leave --no-plugins out once you trust it.`,
    { cause: error },
  );
}

/** The error that tells of every problem, a line each. */
function problem(error: z.ZodError, data: unknown, place: (path: Path) => string): BanyanError {
  const { first, all } = problemsOf(error.issues, data);
  const lines = first.map(({ path, text }) => `${place(path)}: ${text}`);
  if (all > first.length) lines.push(`and ${all - first.length} more.`);
  return new BanyanError('experiment', lines.join('\n'), { cause: error });
}

/** The file's name without what a run's folder should not have in its. */
function nameOf(file: string): string {
  const plain = basename(file, extname(file)).replace(/[^A-Za-z0-9_.-]+/g, '-');
  return plain.replace(/^[^A-Za-z0-9_]+|-+$/g, '') || 'experiment';
}
