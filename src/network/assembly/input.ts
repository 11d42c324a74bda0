import { stemScope, typeName } from '../../scope.ts';
import type { AnyTask, StemProvider } from '../../task/task.ts';
import type { BuiltColumn, BuiltInput, BuiltStem, InputPart } from './built.ts';
import { type BuildScope, buildStem } from './resolve.ts';
import { routesInto } from './routes.ts';

// biome-ignore lint/suspicious/noExplicitAny: a task's stems take inputs of every type
type AnyStemProvider = StemProvider<any>;

/** Builds what takes the examples of a column's tasks: one stem for each object that they name, one input for each list of stems. */
export class InputBuilder {
  readonly #build: BuildScope;
  readonly #width: number;
  readonly #earlier: readonly BuiltColumn[];
  readonly #routeStem: string | undefined;
  readonly #stems = new Map<AnyStemProvider, BuiltStem>();
  readonly #inputs: BuiltInput[] = [];

  /** `routeStem`: see `LateralOptions.stem`. */
  constructor(build: BuildScope, width: number, earlier: readonly BuiltColumn[], routeStem: string | undefined) {
    this.#build = build;
    this.#width = width;
    this.#earlier = earlier;
    this.#routeStem = routeStem;
  }

  /** The stems that were built, in the order in which tasks named them. */
  get stems(): readonly BuiltStem[] {
    return [...this.#stems.values()];
  }

  of(task: AnyTask): BuiltInput {
    const named = providersOf(task).map(([name, provider]) => ({ name, stem: this.#stem(task, provider, name) }));
    const same = this.#inputs.find(
      ({ parts }) =>
        parts.length === named.length &&
        parts.every(({ name, stem }, i) => name === named[i]!.name && stem === named[i]!.stem),
    );
    if (same !== undefined) return same;
    const input = this.#input(task, named);
    this.#inputs.push(input);
    return input;
  }

  #stem(task: AnyTask, provider: AnyStemProvider, name: string | undefined): BuiltStem {
    const shared = this.#stems.get(provider);
    if (shared !== undefined) return shared;
    const scope = stemScope(task.name, name);
    const implementation = buildStem(this.#build, task, provider, this.#width, name);
    const routes = routesInto(
      this.#build,
      { scope, implementation, name },
      this.#width,
      this.#earlier,
      this.#routeStem,
    );
    const stem = { name: scope.slice('stem/'.length), scope, implementation, column: this.#earlier.length, routes };
    this.#stems.set(provider, stem);
    return stem;
  }

  #input(task: AnyTask, named: readonly Pick<InputPart, 'name' | 'stem'>[]): BuiltInput {
    const counts = named.map(({ stem }) => stem.implementation.positions);
    const positions = counts.reduce((sum, count) =>
      sum === undefined || count === undefined ? undefined : sum + count,
    );
    const column = this.#earlier.length;
    if (task.stems === undefined) return { scope: named[0]!.stem.scope, column, parts: named, positions };
    const scope = stemScope(task.name);
    const { variable } = this.#build.store.scope(scope);
    const parts = named.map(({ name, stem }) => ({
      name,
      stem,
      // As BERT's segments: Devlin et al. 2019, "BERT", section 3 and figure 2.
      type: variable(typeName(name!), [this.#width], { normal: 0.02 }, { decay: false }),
    }));
    return { scope, column, parts, positions };
  }
}

/** Lists what provides a task's stems, with the names of their inputs where there are several. */
export const providersOf = ({
  stem,
  stems,
}: AnyTask): readonly (readonly [name: string | undefined, provider: AnyStemProvider])[] =>
  stems === undefined ? [[undefined, stem!]] : Object.entries(stems);
