import type { Cell, TableRow } from '../data/index.ts';
import { textOf } from './guess.ts';

/** So many different cells of a column are told apart; a column with more says no single target by a cell. */
const MOST_VALUES = 10_000;
/** Fewer rows than this say nothing. */
const LEAST_ROWS = 20;

/** Watches the training rows for input columns that give a target away, or that only number the rows. */
export class ColumnWatch {
  readonly #inputs: readonly string[];
  readonly #targets: readonly string[];
  readonly #pairs: readonly PairWatch[];
  readonly #values: ReadonlyMap<string, { readonly seen: Set<string>; repeats: boolean; numbers: boolean }>;
  #rows = 0;

  /** `pairs`: the columns that each target is told from. */
  constructor(pairs: readonly { readonly inputs: readonly string[]; readonly target: string }[]) {
    this.#inputs = [...new Set(pairs.flatMap(({ inputs }) => inputs))];
    this.#targets = [...new Set(pairs.map(({ target }) => target))];
    const all = pairs.flatMap(({ inputs, target }) => inputs.map((input) => ({ input, target })));
    const keys = new Set<string>();
    this.#pairs = all
      .filter(({ input, target }) => keys.size !== keys.add(JSON.stringify([input, target])).size)
      .map(({ input, target }) => ({ input, target, equal: true, targetOf: new Map<string, string>(), tells: true }));
    this.#values = new Map(this.#inputs.map((input) => [input, { seen: new Set(), repeats: false, numbers: true }]));
  }

  see({ values }: TableRow): void {
    this.#rows++;
    const textOfColumn = new Map(
      [...this.#inputs, ...this.#targets].map((column) => [column, comparable(values[column] ?? null)]),
    );
    for (const pair of this.#pairs) {
      // A list, of words or numbers, says enough to tell a target.
      if (typeof values[pair.input] === 'object' && values[pair.input] !== null) pair.tells = false;
      seePair(pair, textOfColumn.get(pair.input)!, textOfColumn.get(pair.target)!);
    }
    for (const [input, found] of this.#values) {
      const text = textOfColumn.get(input)!;
      if (found.repeats) continue;
      if (!isName(text)) found.numbers = false;
      if (found.seen.size === found.seen.add(text).size || found.seen.size > MOST_VALUES) found.repeats = true;
    }
  }

  /** Says in a sentence each what is suspicious. */
  warnings(path: string): readonly string[] {
    if (this.#rows < LEAST_ROWS) return [];
    const given = this.#pairs.flatMap(({ input, target, equal, tells, targetOf }) => {
      if (equal)
        return `${path}: column "${input}" is equal to the target "${target}" in all ${this.#rows} training rows. Expected an input that is known before the target is. Leave it out of \`inputs\`, unless it is meant.`;
      const many = new Set(targetOf.values()).size;
      // Where values hardly occur twice each of them tells the target by itself.
      const tellsMore = tells && many > 1 && targetOf.size <= this.#rows / 2;
      return tellsMore
        ? `${path}: column "${input}" alone tells the target "${target}" in all ${this.#rows} training rows. Expected an input that is known before the target is. Leave it out of \`inputs\`, unless it is meant.`
        : [];
    });
    const numbering = [...this.#values].flatMap(([input, { repeats, numbers, seen }]) =>
      !repeats && numbers && seen.size === this.#rows
        ? `${path}: column "${input}" has another name or whole number in each of the ${this.#rows} training rows that were looked at, as an identifier has. Expected an input that says something of new rows. Leave it out of \`inputs\`, unless it is meant.`
        : [],
    );
    return [...given, ...numbering];
  }
}

interface PairWatch {
  readonly input: string;
  readonly target: string;
  readonly targetOf: Map<string, string>;
  equal: boolean;
  tells: boolean;
}

function seePair(pair: PairWatch, input: string, target: string): void {
  if (target === MISSING) return;
  if (input !== target) pair.equal = false;
  if (!pair.tells) return;
  const before = pair.targetOf.get(input);
  if (before !== undefined && before !== target) pair.tells = false;
  else pair.targetOf.set(input, target);
  if (pair.targetOf.size > MOST_VALUES) pair.tells = false;
}

const MISSING = '';

/** A cell as a text; numbers that are equal have the same, however they are written. */
function comparable(cell: Cell): string {
  if (cell === null) return MISSING;
  const text = textOf(cell).trim();
  const number = Number(text);
  return text !== '' && Number.isFinite(number) ? String(number) : text;
}

/** Whether it may be a number or a name that stands for a row: no text, and no measurement. */
const isName = (text: string) => /^-?\d+$/.test(text) || /^(?=.*\d)[\w-]{1,40}$/.test(text);
