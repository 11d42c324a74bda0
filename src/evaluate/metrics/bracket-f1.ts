import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { type References, referencesOf } from './references.ts';
import { type Text, textOf } from './text.ts';

/** A bracket with its label, a bracket that closes, or a leaf. */
const PART = /\([^\s()]*|\)|[^\s()]+/g;

/**
 * Makes the F1 of labelled brackets of trees (PARSEVAL: Black et al. 1991), from 0 to 1, over all trees together: `2 right / (predicted +
 * true)`. A tree is a text such as `(S (NP DT NN) (VP VBZ))`: brackets with a label, and leaves, of which only the number counts. A bracket is
 * right where the target has one of its label from the same leaf to the same leaf, each as often as the target has it. A bracket that is
 * not closed ends with the tree; one that closes nothing counts for nothing. Of several targets the one that fits best counts. Where there is no bracket at all, it is NaN.
 * @throws BanyanError `data`, when it is updated, for what is no text.
 */
export function bracketF1(): Metric<References<Text>, Text> {
  let [right, predicted, occurring] = [0, 0, 0];
  return {
    name: 'bracket-f1',
    update: (target, prediction) => {
      const found = bracketsOf(textOf('bracket-f1', prediction));
      const [best] = referencesOf(target)
        .map((tree) => bracketsOf(textOf('bracket-f1', tree)))
        .map((brackets) => ({ occurring: brackets.length, right: countCommon(brackets, found) }))
        .sort((a, b) => b.right / (b.occurring + found.length) - a.right / (a.occurring + found.length));
      right += best!.right;
      occurring += best!.occurring;
      predicted += found.length;
    },
    result: () => (2 * right) / (predicted + occurring),
    reset: () => {
      [right, predicted, occurring] = [0, 0, 0];
    },
  };
}

/** How many of the second list the first one has, each as often as it has it. */
function countCommon(brackets: readonly string[], found: readonly string[]): number {
  const left = new Map<string, number>();
  for (const bracket of brackets) left.set(bracket, (left.get(bracket) ?? 0) + 1);
  return found.filter((bracket) => {
    const count = left.get(bracket) ?? 0;
    left.set(bracket, count - 1);
    return count > 0;
  }).length;
}

/** Lists the brackets of a tree: label, first leaf and the leaf after the last of each, as a text. */
function bracketsOf(tree: string): readonly string[] {
  const brackets: string[] = [];
  const open: { readonly label: string; readonly start: number }[] = [];
  let leaf = 0;
  const close = () => {
    const bracket = open.pop();
    if (bracket !== undefined) brackets.push(`${bracket.label} ${bracket.start} ${leaf}`);
  };
  for (const [part] of tree.matchAll(PART)) {
    if (part === ')') close();
    else if (part.startsWith('(')) open.push({ label: part.slice(1), start: leaf });
    else leaf++;
  }
  while (open.length > 0) close();
  return brackets;
}

/** `bracketF1`, as files name it. */
export const bracketF1Kind: Kind<Metric<References<Text>, Text>> = {
  kind: 'bracket-f1',
  about:
    'The F1 of the labelled brackets of trees, such as (S (NP DT NN) (VP VBZ)): right in label, beginning and end.',
  options: optionsOf('bracket-f1', {}),
  build: bracketF1,
};
