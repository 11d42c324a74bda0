/** The last work that uses an object. */
const turns = new WeakMap<object, Promise<unknown>>();

/** Runs works that use the same object one after the other: a network, or a metric, which networks may have in common. */
export function inTurn<T>(used: readonly object[], work: () => Promise<T>): Promise<T> {
  const turn = Promise.allSettled(used.map((each) => turns.get(each))).then(work);
  for (const each of used) turns.set(each, turn);
  return turn;
}
