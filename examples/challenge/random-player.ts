import type { EnvironmentFactory } from 'banyan-ml';
import { RandomStream } from 'banyan-ml/plugin';

/** Mean return of a player that presses any key, over so many episodes. */
export function randomReturn(environment: EnvironmentFactory, episodes: number): number {
  const [world, random] = [environment(), new RandomStream(0, 'random player')];
  let sum = 0;
  for (let i = 0; i < episodes; i++) {
    for (world.reset(random); !(world.terminated || world.truncated); )
      sum += world.step(random.integer(world.actions.length), random);
  }
  return sum / episodes;
}
