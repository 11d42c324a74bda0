import { BanyanError, type Json } from 'banyan-ml';
import type { RuleNames } from './describe.ts';
import type { RelationRow } from './tables.ts';

/** Writes rows by names, so that a person can read and edit them: a type and a place, and what each action is worth there. */
export const writeRules = (rows: readonly RelationRow[], { actions, types }: RuleNames): Json =>
  rows.map(({ type, down, right, values, uses }) => ({
    type: types[type]!,
    down,
    right,
    values: Object.fromEntries(actions.map((action, i) => [action, values[i]!])),
    uses,
  }));

/**
 * Reads such rows. What a rule does not say of an action is 0, and so is every place without a rule.
 * @throws BanyanError `argument` for a type, place, action or value that is none, and for two rules of one place.
 */
export function readRules(rules: Json, { actions, types, reach }: RuleNames): readonly RelationRow[] {
  if (!Array.isArray(rules)) throw fault(rules, 'a list of rules', 'Write them as they were given');
  const seen = new Set<string>();
  return rules.map((rule: unknown): RelationRow => {
    const { type, down, right, values: worths = {}, uses = 0, ...rest } = (rule ?? {}) as Rule;
    const place = types.indexOf(type as string);
    if (place < 0) throw fault(rule, `a type, one of ${types.join(', ')}`, 'Name one of them');
    const isOffset = (value: unknown) => Number.isInteger(value) && Math.abs(value as number) <= reach;
    if (!isOffset(down) || !isOffset(right))
      throw fault(rule, `"down" and "right" from -${reach} to ${reach}`, 'Correct the place');
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined)
      throw fault(rule, 'no more than type, down, right, values and uses', `Correct or take out "${unknown}"`);
    if (typeof worths !== 'object' || worths === null || Array.isArray(worths))
      throw fault(rule, `"values" by action, such as {"${actions[0]}": 1}`, 'Correct "values"');
    const odd = Object.entries(worths as Readonly<Record<string, unknown>>).find(
      ([action, worth]) => !(actions.includes(action) && Number.isFinite(worth)),
    );
    if (odd !== undefined) throw fault(rule, `numbers for ${actions.join(', ')}`, `Correct "${odd[0]}"`);
    const key = `${type} ${down} ${right}`;
    if (!(Number.isFinite(uses) && (uses as number) >= 0)) throw fault(rule, 'a number of "uses" >= 0', 'Leave it out');
    if (seen.has(key)) throw fault(rule, 'one rule for each type and place', 'Take one of the two out');
    seen.add(key);
    const values = actions.map((action) => (worths as Readonly<Record<string, number>>)[action] ?? 0);
    return { type: place, down: down as number, right: right as number, values, uses: Number(uses) };
  });
}

type Rule = Readonly<Record<string, unknown>>;

const fault = (rule: unknown, expected: string, mend: string) =>
  new BanyanError('argument', `A rule: expected ${expected}, received ${JSON.stringify(rule)}. ${mend}.`);
