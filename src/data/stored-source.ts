import { blaming } from '../task/blame.ts';
import type { Example, Source, SourceFacts, Split } from '../task/source.ts';
import { requireData, storedFacts } from './find.ts';

/** A stored set says, once its folder is known, how many examples it has, and gives each of them. */
export interface StoredSet<Input, Target> {
  readonly counts: Readonly<Record<Split, number>>;
  example(split: Split, index: number): Example<Input, Target>;
  /** It gives what `Source.strata` gives. */
  strata?(split: Split): ArrayLike<number>;
}

export interface StoredSourceOptions<Input, Target> {
  /** The folder of the set under a place that `findData` knows, such as `vision/mnist`. */
  readonly folder: string;
  readonly facts: Pick<SourceFacts, 'licence' | 'description'>;
  /** Opens the set, once, when it is first used: it reads what is small (labels), and the rest as it is asked for. */
  open(path: string): StoredSet<Input, Target>;
}

/**
 * Makes a source over a data set on disk. Making it touches no disk; a set that is missing is told by `facts.missing`, and is
 * an error (BanyanError `data`) only when `counts` or `read` is used.
 */
export function storedSource<Input, Target>(options: StoredSourceOptions<Input, Target>): Source<Input, Target> {
  let opened: StoredSet<Input, Target> | undefined;
  const open = () => {
    const path = requireData(options.folder);
    return blaming(`Source "${options.folder}": open("${path}")`, 'to find its data', () => options.open(path));
  };
  const set = () => (opened ??= open());
  return {
    facts: storedFacts(options.folder, options.facts),
    get counts() {
      return set().counts;
    },
    strata: (split) => set().strata?.(split),
    read: (split, indices) =>
      indices.map((index) =>
        blaming(`Source "${options.folder}": ${split} example ${index}`, 'an example', () =>
          set().example(split, index),
        ),
      ),
  };
}
