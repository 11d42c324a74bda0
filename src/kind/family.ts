import type { Container, ServiceIdentifier } from 'inversify';
import { z } from 'zod';
import { checkOptions } from '../check.ts';
import { BanyanError } from '../error.ts';
import { didYouMean, listed } from '../nearest.ts';
import { show } from '../show.ts';
import type { Kind, KindData } from './kind.ts';
import { kindSchema } from './schema.ts';

/** A container in which plugins may have bound kinds. Without one there are the built-in kinds alone. */
export type Bindings = Pick<Container, 'isBound' | 'getAll'>;

/** The container of the plugins, or `later` while they are not loaded. */
export type Plugged = Bindings | 'later';

/** All kinds of one family, such as all trunks: the built-in ones, and those that plugins bind. */
export class Family<Built> {
  /** What one of them is called in an error: `trunk`. */
  readonly name: string;
  /** What a plugin binds a kind by; several may. */
  readonly token: ServiceIdentifier<Kind<Built>>;
  readonly #builtIn: readonly Kind<Built>[];

  constructor(name: string, token: ServiceIdentifier<Kind<Built>>, builtIn: readonly Kind<Built>[]) {
    this.name = name;
    this.token = token;
    this.#builtIn = builtIn.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
  }

  /**
   * Lists all kinds: the built-in ones by their names, and after them those of plugins in the order in which they were bound.
   * @throws BanyanError `plugin` for something bound that is no kind, and for a name that is taken.
   */
  kinds(bindings?: Bindings): readonly Kind<Built>[] {
    const bound = bindings?.isBound(this.token) ? bindings.getAll(this.token) : [];
    const kinds = [...this.#builtIn];
    for (const kind of bound) {
      this.#assertKind(kind);
      if (kinds.some(({ kind: name }) => name === kind.kind)) {
        throw new BanyanError(
          'plugin',
          `There are two kinds of ${this.name} with the name "${kind.kind}", expected each name once. Rename the one in the plugin.`,
        );
      }
      kinds.push(kind);
    }
    return kinds;
  }

  /** Tells whether there is a kind of this name. */
  has(name: unknown, bindings?: Bindings): boolean {
    return this.kinds(bindings).some(({ kind }) => kind === name);
  }

  /**
   * Finds a kind by its name.
   * @throws BanyanError `argument` for a name that no kind has.
   */
  named(name: string, bindings?: Bindings): Kind<Built> {
    const kinds = this.kinds(bindings);
    const found = kinds.find(({ kind }) => kind === name);
    if (found !== undefined) return found;
    const names = kinds.map(({ kind }) => kind);
    throw new BanyanError(
      'argument',
      `There is no ${this.name} of kind "${name}". Expected one of: ${listed(names)}. ${didYouMean(name, names, 'Name one of these, or add the plugin that brings it.')}`,
    );
  }

  /** Gives the schema of a kind's options; those of a kind that holds others lead on to the schema of the family. */
  optionsOf({ options }: Kind<Built>, plugged?: Plugged): z.ZodObject {
    return typeof options === 'function' ? options(z.lazy(() => this.schema(plugged))) : options;
  }

  /**
   * Makes the schema of what a file says of one: the name of a kind, or a section with `kind` and its options. What it gives is
   * always a section, with what the file says and no more: defaults stay with the kind.
   * @param plugged where it is `later`, a kind that is not built in is let pass: it is checked when the plugins are there.
   * @param beside further keys that such a section may have.
   */
  schema(plugged?: Plugged, beside: z.core.$ZodLooseShape = {}): z.ZodType<KindData> {
    const open = plugged === 'later';
    const bindings = open ? undefined : plugged;
    const kinds = this.kinds(bindings).map((kind) => ({
      kind: kind.kind,
      about: kind.about,
      options: this.optionsOf(kind, plugged),
    }));
    return kindSchema(this.name, kinds, beside, open);
  }

  /**
   * Makes what a file says: the name of a kind, or a section with `kind` and its options.
   * @throws BanyanError `argument` for a kind that there is not, and for options that are wrong.
   */
  build(data: unknown, bindings?: Bindings): Built {
    const { kind: name, ...given } = checkOptions(this.name, this.schema(bindings), data);
    const kind = this.named(name, bindings);
    const options = this.optionsOf(kind, bindings).parse(given);
    // The kind's own schema has checked them: they are what it calls its options.
    return kind.build(options as never, (nested) => this.build(nested, bindings));
  }

  #assertKind(kind: Kind<Built>): void {
    const lacks = MEMBERS.find((member) => (kind as Partial<Kind<Built>> | null)?.[member] === undefined);
    if (lacks === undefined) return;
    throw new BanyanError(
      'plugin',
      `A plugin binds ${String(this.token)} to ${show(kind)}, which has no "${lacks}". Expected a kind of ${this.name}: an object with ${MEMBERS.join(', ')}. Add what it lacks.`,
    );
  }
}

/** What every kind has. */
const MEMBERS = ['kind', 'about', 'options', 'build'] as const;
