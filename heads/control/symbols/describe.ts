import type { Relation } from './relations.ts';
import type { RelationRow } from './tables.ts';

/** What a value has to be beyond to be worth a word. */
const MATTERS = 0.05;
/** Distances at which a sentence says what a type is worth. */
const DISTANCES = [2, 4];
const ARROWS: Readonly<Record<string, string>> = { '-1 0': '↑', '0 1': '→', '1 0': '↓', '0 -1': '←' };
const BESIDE = Object.keys(ARROWS).map((key) => key.split(' ').map(Number) as [down: number, right: number]);

/** The names by which rules are told. */
export interface RuleNames {
  readonly actions: readonly string[];
  readonly types: readonly string[];
  readonly reach: number;
}

/** Says in sentences what tables of relations have learned, and draws a map of each type that was learned of. */
export function describeRules(rows: readonly RelationRow[], names: RuleNames): readonly string[] {
  const moves = movesOf(rows, names.actions.length);
  const types = [...new Set(rows.map(({ type }) => type))].sort((a, b) => a - b);
  if (types.length === 0) return ['Nothing was learned yet: all values are 0.'];
  return types.flatMap((type) => {
    const own = rows.filter((row) => row.type === type);
    const name = names.types[type] ?? `type ${type}`;
    return [sentenceOf(own, name, moves), mapOf(own, moves, names.reach)];
  });
}

/**
 * Finds out where each action leads: to the neighbouring cell where it is worth most or least of all, since there something is touched.
 * An action that touches nothing has none.
 */
function movesOf(rows: readonly RelationRow[], actions: number): readonly (readonly [number, number] | undefined)[] {
  return Array.from({ length: actions }, (_, action) => {
    const sizes = BESIDE.map(([down, right]) =>
      Math.max(0, ...at(rows, down, right).map(({ values }) => Math.abs(values[action]!))),
    );
    const most = Math.max(...sizes);
    return most > MATTERS ? BESIDE[sizes.indexOf(most)] : undefined;
  });
}

type Moves = ReturnType<typeof movesOf>;

function sentenceOf(rows: readonly RelationRow[], name: string, moves: Moves): string {
  const uses = rows.reduce((sum, row) => sum + row.uses, 0);
  const used = `(seen ${whole(uses)} times in what it learned from)`;
  const worth = touchOf(rows, moves);
  const bad = rows.filter(({ values }) => values.some((value) => value < -MATTERS));
  if (worth < -MATTERS) {
    const far = bad.filter((row) => distanceOf(row) > 1).length;
    return `Never step onto a ${name} (${worth.toFixed(2)}). ${far === 0 ? 'Beyond the neighbouring cell it does not matter' : `${far} places further away have a bad action too`}: ${bad.length} places have one ${used}.`;
  }
  if (worth <= MATTERS) return `A ${name} does not matter: touching one is worth ${worth.toFixed(2)} ${used}.`;
  const further = DISTANCES.flatMap((distance) => {
    const best = rows.filter((row) => distanceOf(row) === distance).map(bestOf);
    return best.length === 0 ? [] : [`${mean(best).toFixed(2)} from ${distance} steps away`];
  });
  const known = rows.filter((row) => bestOf(row) > MATTERS);
  const nearer = known.filter((row) => leadsNearer(row, moves));
  return `Go to a ${name}: touching it is worth ${[worth.toFixed(2), ...further].join(', ')}. At ${nearer.length} of ${known.length} places the best action leads nearer ${used}.`;
}

/** What it is worth to touch a type, on average over the neighbouring cells from which it was. */
function touchOf(rows: readonly RelationRow[], moves: Moves): number {
  const touches = moves.flatMap((move, action) =>
    move === undefined ? [] : at(rows, ...move).map(({ values }) => values[action]!),
  );
  return touches.length === 0 ? 0 : mean(touches);
}

function leadsNearer(row: RelationRow, moves: Moves): boolean {
  const move = moves[row.values.indexOf(bestOf(row))];
  if (move === undefined) return false;
  const [down, right] = move;
  return Math.hypot(row.down - down, row.right - right) < Math.hypot(row.down, row.right);
}

/** Draws where an object lies around the one that acts (@), and where the best action leads: `!` = something to avoid, `·` = nothing known. */
function mapOf(rows: readonly RelationRow[], moves: Moves, reach: number): string {
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const sign = (down: number, right: number): string => {
    if (down === 0 && right === 0) return '@';
    const [row] = at(rows, down, right);
    if (row === undefined) return '·';
    if (bestOf(row) <= MATTERS) return row.values.some((value) => value < -MATTERS) ? '!' : '·';
    const move = moves[row.values.indexOf(bestOf(row))];
    return move === undefined ? '?' : ARROWS[move.join(' ')]!;
  };
  return offsets.map((down) => `  ${offsets.map((right) => sign(down, right)).join(' ')}`).join('\n');
}

const at = (rows: readonly RelationRow[], down: number, right: number): readonly RelationRow[] =>
  rows.filter((row) => row.down === down && row.right === right);
const bestOf = ({ values }: RelationRow): number => Math.max(...values);
const distanceOf = ({ down, right }: Relation): number => Math.abs(down) + Math.abs(right);
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const whole = (value: number): string => Math.round(value).toLocaleString('en');
