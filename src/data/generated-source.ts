import { checkSeed, RandomStream } from '../random/index.ts';
import { blaming } from '../task/blame.ts';
import type { Example, Source, Split } from '../task/source.ts';

export interface GeneratedSourceOptions<Input, Target> {
  /** Names the random stream: two generators of different names draw independently. */
  readonly name: string;
  readonly description?: string;
  readonly counts: Readonly<Record<Split, number>>;
  /** Default 0. */
  readonly seed?: number;
  /** One example, made from this stream alone. */
  make(random: RandomStream): Example<Input, Target>;
}

/**
 * A source of generated examples: each is a pure function of seed, split and index, so nothing is stored.
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
