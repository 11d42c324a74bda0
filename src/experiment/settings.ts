import { BanyanError } from '../error.ts';
import { show } from '../show.ts';
import { type Path, showPath } from './problems.ts';
import type { RawExperiment } from './read.ts';

/** Values that take the place of what an experiment says, by their places: `{ 'training.steps': 100 }`. */
export type Settings = Readonly<Record<string, unknown>>;

type Section = Readonly<Record<string, unknown>>;

/** What is left out where something is set that says the same in another way. */
const REPLACED: Readonly<Record<string, readonly string[]>> = {
  'training.steps': ['training', 'epochs'],
  'training.epochs': ['training', 'steps'],
  // The seed of the training is that of the experiment, unless it has one of its own.
  seed: ['training', 'seed'],
};

/**
 * Sets values in an experiment that is not checked yet; sections that are missing on the way are made.
 * @throws BanyanError `experiment` for a place inside of something that is no section.
 */
export function applySettings<Raw extends RawExperiment>(raw: Raw, settings: Settings): Raw {
  const paths = Object.keys(settings).map((key) => key.split('.'));
  const place = (path: Path): string => {
    const setting = paths.find((keys) => keys.every((key, i) => key === String(path[i])));
    return setting === undefined ? raw.place(path) : `${raw.file}, --set ${showPath(setting)}`;
  };
  let { data } = raw;
  for (const key of Object.keys(settings)) data = without(data, REPLACED[key] ?? []);
  for (const [key, value] of Object.entries(settings)) {
    data = withValue(data, key.split('.'), value, (depth, found) => {
      const around = key.split('.').slice(0, depth).join('.');
      return new BanyanError(
        'experiment',
        `${raw.file}, --set ${key}: ${around} is ${show(found)}, expected a section, in which a key can be set. Set ${around} as a whole.`,
      );
    });
  }
  return { ...raw, data, place };
}

/** A section, or undefined for anything else. What says nothing, such as a task with no value after it, is one without keys. */
function sectionOf(data: unknown): Section | undefined {
  if (data === undefined || data === null) return {};
  return typeof data === 'object' && !Array.isArray(data) ? (data as Section) : undefined;
}

/** @param fault makes the error for something that is no section, found so many keys down. */
function withValue(
  data: unknown,
  path: readonly string[],
  value: unknown,
  fault: (depth: number, found: unknown) => BanyanError,
  depth = 0,
): unknown {
  if (depth === path.length) return value;
  const section = sectionOf(data);
  // An experiment that is no section is told as one by its schema.
  if (section === undefined && depth === 0) return data;
  if (section === undefined) throw fault(depth, data);
  const key = path[depth]!;
  const before = Object.hasOwn(section, key) ? section[key] : undefined;
  return { ...section, [key]: withValue(before, path, value, fault, depth + 1) };
}

function without(data: unknown, path: readonly string[]): unknown {
  const section = sectionOf(data);
  const [key, ...inner] = path;
  if (section === undefined || key === undefined || !Object.hasOwn(section, key)) return data;
  if (inner.length > 0) return { ...section, [key]: without(section[key], inner) };
  return Object.fromEntries(Object.entries(section).filter(([name]) => name !== key));
}
