import { fillPattern, namePattern } from '../name-pattern.ts';
import type { Target } from './target.ts';

/** The tensors that a weight of the network is made of. */
export type WeightOrigin =
  /** One tensor by its name, or several whose numbers stand beside each other along the last axis. */
  | string
  | readonly string[]
  /** One tensor that may have more rows: the first are taken. */
  | { readonly firstRowsOf: string };

/**
 * Says where the weights of a network come from. Names may be patterns: what stands for `*` in the network's name stands for it in the
 * file's. The network's names are those that `banyan inspect` shows, with `trunk/` for `column-0/`, `stem/` for `stem/TASK/` and
 * `head/` for `head/TASK/`.
 */
export interface WeightMap {
  /** The names of the file's tensors by those of the network's weights; the first pattern that fits counts. */
  readonly weights: Readonly<Record<string, WeightOrigin>>;
  /** The tensors of the file that no weight needs. */
  readonly ignore?: readonly string[];
}

/** A weight of the network, and the names of the tensors that it is made of. */
export interface Assignment {
  readonly target: Target;
  readonly tensors: readonly string[];
  /** Whether the first rows are taken of a tensor that has more. */
  readonly cut: boolean;
}

/** What a map makes of the weights that are asked for. */
export interface Mapped {
  readonly assignments: readonly Assignment[];
  /** The weights of which the map says nothing. */
  readonly unmapped: readonly Target[];
  /** Whether a tensor may be left over: it is ignored, or of a part that is not asked for. */
  mayBeLeft(tensor: string): boolean;
}

const namesIn = (origin: WeightOrigin): readonly string[] =>
  typeof origin === 'string' ? [origin] : 'firstRowsOf' in origin ? [origin.firstRowsOf] : origin;

/** Finds the tensors of each weight by a map. */
export function applyMap({ weights, ignore = [] }: WeightMap, targets: readonly Target[]): Mapped {
  const rules = Object.entries(weights).map(([name, origin]) => ({ name, pattern: namePattern(name), origin }));
  const assignments: Assignment[] = [];
  const unmapped: Target[] = [];
  for (const target of targets) {
    const rule = rules.find(({ pattern }) => pattern.match(target.name) !== undefined);
    if (rule === undefined) {
      unmapped.push(target);
      continue;
    }
    const texts = rule.pattern.match(target.name)!;
    const tensors = namesIn(rule.origin).map((name) => fillPattern(name, texts));
    assignments.push({ target, tensors, cut: typeof rule.origin === 'object' && 'firstRowsOf' in rule.origin });
  }
  const kinds = new Set(targets.map(({ name }) => kindOf(name)));
  const others = rules.filter(({ name }) => !kinds.has(kindOf(name))).flatMap(({ origin }) => namesIn(origin));
  const left = [...ignore, ...others].map(namePattern);
  return { assignments, unmapped, mayBeLeft: (tensor) => left.some(({ match }) => match(tensor) !== undefined) };
}

/** The part that a name in a map is of. */
const kindOf = (name: string): string => name.slice(0, name.indexOf('/'));
