import { checkSeed, RandomStream } from '../random/index.ts';
import { blaming } from '../task/blame.ts';
import type { Example, Source, Split } from '../task/source.ts';

export interface GeneratedSourceOptions<Input, Target> {
  /** The name of the random stream: two generators of different names draw independently. */
  readonly name: string;
  readonly description?: string;
  readonly counts: Readonly<Record<Split, number>>;
  /** All examples follow from this seed. Default 0. */
  readonly seed?: number;
  /** Makes one example from this stream alone. */
  make(random: RandomStream): Example<Input, Target>;
}

/**
 * Makes a source of generated examples: each is a pure function of seed, split and index, so nothing is stored.
 * @throws BanyanError `argument` for a seed that is none.
 */
export function generatedSource<Input, Target>(options: GeneratedSourceOptions<Input, Target>): Source<Input, Target> {
  const { name, description, counts, seed = 0, make } = options;
  checkSeed(`generatedSource "${name}": seed`, seed);
  return {
    facts: { licence: 'generated, none needed', ...(description === undefined ? {} : { description }) },
    counts,
    read: (split, indices) =>
      indices.map((index) =>
        blaming(`Source "${name}": make() of ${split} example ${index}`, 'an example', () =>
          make(new RandomStream(seed, `${name}/${split}/${index}`)),
        ),
      ),
  };
}
