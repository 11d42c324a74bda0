import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { isGone, mostMemory, withinMemory } from '../../runtime/index.ts';
import { isBelow } from '../../scope.ts';
import { show, showBytes } from '../../show.ts';
import type { Initializer, Json, RankOf, SettingsOptions, VariableOptions } from '../../task/contract.ts';
import { initialValues } from './initializers.ts';
import { assertAsSaved, dataOf } from './settings.ts';

/** One weight (or running statistic) of a network. */
export interface NetworkVariable {
  /** `scope/…`: unique in the network. tfjs's own names are global, so it is given none. */
  readonly name: string;
  /** The scope of the stem, block or head it belongs to: `stem/clothing`, `column-0/block-1`, `head/intents`. */
  readonly scope: string;
  readonly tensor: tf.Variable;
  /** Whether training changes it, as things stand. */
  readonly trainable: boolean;
  readonly decay: boolean;
  /** Whether the forward pass counts in it. */
  readonly counts: boolean;
}

/** A term of the objective that depends on weights alone, and the scope of the part that brought it. */
export interface Penalty {
  readonly scope: string;
  readonly term: () => tf.Scalar;
}

/** All variables and assets of one network, by name, in the order in which they were made. */
export class VariableStore {
  readonly seed: number;
  readonly #variables = new Map<string, NetworkVariable>();
  readonly #assets: Map<string, Json>;
  /** The keys of the settings that were said anew; the others come from a saved network. */
  readonly #said = new Set<string>();
  #penalties: Penalty[] = [];
  #check: ((name: string, shape: readonly number[]) => void) | undefined;
  /** How many numbers all variables hold. */
  #numbers = 0;
  #most: number | undefined;

  /** `assets`: those of a saved network, which are given back instead of being made. */
  constructor(seed: number, assets: Readonly<Record<string, Json>> = {}) {
    this.seed = seed;
    this.#assets = new Map(Object.entries(assets));
  }

  /** Builds by `work`, and lets `check` refuse a variable by its name and shape before there is room for it. */
  checking(check: (name: string, shape: readonly number[]) => void, work: () => void): void {
    this.#check = check;
    try {
      work();
    } finally {
      this.#check = undefined;
    }
  }

  /** Gives the functions by which the part of this scope makes what it is built of. */
  scope(scope: string) {
    return {
      variable: (name: string, shape: readonly number[], initializer: Initializer, options: VariableOptions = {}) =>
        this.#create(scope, name, shape, initializer, options),
      asset: <T extends Json>(name: string, make: () => T): T => {
        const key = `${scope}/${name}`;
        if (!this.#assets.has(key)) this.#assets.set(key, make());
        return this.#assets.get(key) as T;
      },
      settings: <T extends Readonly<Record<string, unknown>>>(values: T, options: SettingsOptions = {}): T =>
        this.#settle(scope, values, options),
      penalty: (term: () => tf.Scalar): void => {
        this.#penalties.push({ scope, term });
      },
    };
  }

  /**
   * Gives the functions by which a part is made once more over the weights of the first of this scope: it is given what that made, and
   * counts as one part with it. `whose`: such as `Task "b": its head`.
   */
  sharedScope(scope: string, whose: string): ReturnType<VariableStore['scope']> {
    const { asset } = this.scope(scope);
    return {
      variable: (name, shape) => this.#sharedVariable(scope, name, shape, whose),
      asset,
      settings: (values) => this.#sharedSettings(scope, values, whose),
      // Those of the first count for both.
      penalty: () => {},
    };
  }

  #sharedVariable<const Shape extends readonly number[]>(scope: string, name: string, shape: Shape, whose: string) {
    const variable = this.#variables.get(`${scope}/${name}`)?.tensor;
    if (variable !== undefined && isDeepStrictEqual(variable.shape, [...shape]))
      return variable as tf.Variable<RankOf<Shape>>;
    const there = variable === undefined ? 'has none' : `has one of shape [${variable.shape.join(', ')}]`;
    throw new BanyanError(
      'shape',
      `${whose} asks for a variable "${name}" of shape [${shape.join(', ')}], and ${scope}, whose weights it shares, ${there}. Expected the same. Give the task an object of its own.`,
    );
  }

  #sharedSettings<T extends Readonly<Record<string, unknown>>>(scope: string, values: T, whose: string): T {
    for (const [name, value] of Object.entries(values)) {
      const [first, data] = [this.#assets.get(`${scope}/${name}`), dataOf(value)];
      if (value === undefined || isDeepStrictEqual(first, data)) continue;
      throw new BanyanError(
        'plugin',
        `${whose} has the setting ${name} = ${show(data)}, and ${scope}, whose weights it shares, ${show(first)}. Expected the same. Give the task an object of its own.`,
      );
    }
    return this.#settle(scope, values, { training: true });
  }

  #settle<T extends Readonly<Record<string, unknown>>>(
    scope: string,
    values: T,
    { training = false }: SettingsOptions,
  ): T {
    const settled = Object.entries(values).map(([name, value]) => {
      const key = `${scope}/${name}`;
      const saved = this.#assets.get(key);
      if (value === undefined) return [name, saved];
      const data = dataOf(value);
      if (this.#said.has(key) && !isDeepStrictEqual(saved, data)) {
        throw new BanyanError(
          'plugin',
          `${key} is said twice, as ${show(saved)} and as ${show(data)}. Expected a name of its own for each setting. Rename one of them.`,
        );
      }
      if (saved !== undefined && !training) assertAsSaved(scope, name, saved, data);
      this.#assets.set(key, data);
      this.#said.add(key);
      return [name, value];
    });
    return Object.fromEntries(settled) as T;
  }

  #create(scope: string, name: string, shape: readonly number[], initializer: Initializer, options: VariableOptions) {
    const full = `${scope}/${name}`;
    if (this.#variables.has(full)) {
      throw new BanyanError(
        'plugin',
        `${scope} asks for a second variable named "${name}". Expected a name of its own for each. Rename one of them.`,
      );
    }
    if (!shape.every((size) => Number.isInteger(size) && size >= 1)) {
      throw new BanyanError(
        'shape',
        `${full}: a variable's sizes must be whole numbers >= 1, received [${shape.join(', ')}]. Give the part that makes it options that lead to such sizes.`,
      );
    }
    this.#check?.(full, shape);
    const size = shape.reduce((a, b) => a * b, 1);
    this.#checkRoom(scope, full, shape, size);
    const { trainable = true, decay = shape.length >= 2, counts = false } = options;
    const variable = withinMemory(full, () => {
      const values = tf.tensor(initialValues(initializer, shape, this.seed, full), [...shape], 'float32');
      const variable = tf.variable(values, trainable !== false);
      values.dispose();
      return variable;
    });
    this.#numbers += size;
    this.#variables.set(full, {
      name: full,
      scope,
      tensor: variable,
      get trainable() {
        return typeof trainable === 'function' ? trainable() : trainable;
      },
      decay,
      counts,
    });
    return variable;
  }

  /** Refuses before the memory is asked for: a system may give what it has not got, and end the process later. */
  #checkRoom(scope: string, name: string, shape: readonly number[], size: number): void {
    const [bytes, most] = [4 * (this.#numbers + size), (this.#most ??= mostMemory())];
    if (bytes <= most) return;
    throw new BanyanError(
      'memory',
      `${name}: with this variable of shape [${shape.join(', ')}] the weights of the network take ${showBytes(bytes)}, expected at most ${showBytes(most)}, which is what this process can have. Lower the trunk's width or depth, or what else ${scope} is made from.`,
    );
  }

  all(): readonly NetworkVariable[] {
    return [...this.#variables.values()];
  }

  /** The variables of one scope and of all below it, such as `column-0`. */
  of(scope: string): readonly NetworkVariable[] {
    return this.all().filter(({ name }) => isBelow(name, scope));
  }

  get penalties(): readonly Penalty[] {
    return this.#penalties;
  }

  /** Frees the variables below these scopes, and forgets their penalties. */
  remove(...scopes: readonly string[]): void {
    for (const key of this.#said) if (isBelow(key, ...scopes)) this.#said.delete(key);
    for (const [name, { tensor }] of this.#variables) {
      if (!isBelow(name, ...scopes)) continue;
      if (!isGone(tensor)) tensor.dispose();
      this.#numbers -= tensor.size;
      this.#variables.delete(name);
    }
    this.#penalties = this.#penalties.filter(({ scope }) => !isBelow(`${scope}/`, ...scopes));
  }

  /** Forgets the assets below these scopes. */
  removeAssets(...scopes: readonly string[]): void {
    for (const name of this.#assets.keys()) if (isBelow(name, ...scopes)) this.#assets.delete(name);
  }

  /** @throws BanyanError `argument` where variables were disposed by another hand. */
  assertThere(): void {
    const gone = this.all().filter(({ tensor }) => isGone(tensor));
    if (gone.length === 0) return;
    throw new BanyanError(
      'argument',
      `The weights of this network are gone: ${gone.length} of ${this.#variables.size} variables were disposed outside of it (${gone[0]!.name}${gone.length > 1 ? ', …' : ''}; tf.disposeVariables frees those of all networks). Expected all of them. Load it from where it was saved, or create it again, and free networks by their dispose().`,
    );
  }

  assets(): Record<string, Json> {
    return Object.fromEntries([...this.#assets].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  dispose(): void {
    for (const { tensor } of this.#variables.values()) if (!isGone(tensor)) tensor.dispose();
    this.#variables.clear();
    this.#numbers = 0;
    this.#penalties = [];
  }
}

/** Counts the numbers in these variables that training changes. */
export function countParameters(variables: readonly NetworkVariable[]): number {
  return variables.reduce((sum, v) => sum + (v.trainable ? v.tensor.size : 0), 0);
}
