/** The rank of each number among them, from 1; equal ones share the mean of theirs. */
export function ranksOf(numbers: readonly number[]): readonly number[] {
  const order = numbers.map((_, i) => i).sort((a, b) => numbers[a]! - numbers[b]!);
  const ranks = new Array<number>(numbers.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && numbers[order[to]!] === numbers[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}
