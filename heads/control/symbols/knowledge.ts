import * as tf from '@tensorflow/tfjs';
import type { Knowledge } from 'banyan-ml';
import { describeRules, type RuleNames } from './describe.ts';
import { readRules, writeRules } from './rule-list.ts';
import type { RelationRow } from './tables.ts';

/** Reads and writes a table of rules. `uses` are the times that a place was in what it learned from. */
export function knowledgeOf(table: tf.Variable, seen: tf.Variable, names: RuleNames): Knowledge {
  const { actions, reach } = names;
  const side = 2 * reach + 1;
  const rows = (): readonly RelationRow[] => {
    const [values, uses] = [table.dataSync(), seen.dataSync()];
    return [...uses.keys()].flatMap((place) => {
      const row = [...values.subarray(place * actions.length, (place + 1) * actions.length)];
      if (uses[place] === 0 && row.every((value) => value === 0)) return [];
      const [down, right] = [Math.floor(place / side) % side, place % side].map((offset) => offset - reach);
      return [{ type: Math.floor(place / side / side), down: down!, right: right!, values: row, uses: uses[place]! }];
    });
  };
  return {
    describe: () => describeRules(rows(), names),
    read: () => writeRules(rows(), names),
    write: (rules) => {
      const [values, uses] = [new Float32Array(table.size), new Float32Array(seen.size)];
      for (const { type, down, right, values: row, uses: count } of readRules(rules, names)) {
        const place = (type * side + down + reach) * side + right + reach;
        values.set(row, place * actions.length);
        uses[place] = count;
      }
      tf.tidy(() => {
        table.assign(tf.tensor(values, table.shape));
        seen.assign(tf.tensor(uses, seen.shape));
      });
    },
  };
}
