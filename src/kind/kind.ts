import type { z } from 'zod';

/**
 * Something that experiments, saved networks and checkpoints call by a name, such as a trunk or an optimiser. A kind is one file: it
 * exports what a program calls, and this, from which everything else follows (the schema of experiments, how a saved network is
 * made again, the help and the docs). A plugin binds kinds of its own by the token of their family.
 */
export interface Kind<Built, Options = never> {
  /** Its name in files, in lower case with hyphens. */
  readonly kind: string;
  /** What it is, in one sentence for help and docs. */
  readonly about: string;
  /**
   * The names of its options and what each may be: with `.describe()`, and with a default where it may be left out. An option that
   * is not here is an error. A kind that holds others of its family is handed the schema of such a one.
   */
  readonly options: z.ZodObject | ((nested: z.ZodType<KindData>) => z.ZodObject);
  /**
   * Makes one. Its options were checked by `options` and have their defaults.
   * @param nested makes another one of the same family, out of what is said of it in the options.
   */
  build(options: Options, nested: (data: KindData) => Built): Built;
}

/** What a file says of a kind: its name, and options. */
export interface KindData {
  readonly kind: string;
  readonly [option: string]: unknown;
}
