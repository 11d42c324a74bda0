import type { RandomStream } from '../../random/index.ts';

/** Lists all tasks but one, in random order (Fisher and Yates). */
export function othersInRandomOrder(task: number, tasks: number, random: RandomStream): number[] {
  const others = Array.from({ length: tasks }, (_, j) => j).filter((j) => j !== task);
  for (let last = others.length - 1; last > 0; last--) {
    const pick = random.integer(last + 1);
    [others[last], others[pick]] = [others[pick]!, others[last]!];
  }
  return others;
}
