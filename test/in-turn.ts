/**
 * Of cases that would be held in each of some ways, those for one way: they take turns, the first in the first way, the second in
 * the second. With BANYAN_ALL=1 each is held in every way, which test/long does.
 */
export const inTurn = <Case, Way>(cases: readonly Case[], way: Way, ways: readonly Way[]): Case[] =>
  cases.filter((_, i) => process.env.BANYAN_ALL === '1' || ways[i % ways.length] === way);
