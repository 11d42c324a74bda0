import { BanyanError } from '../../../error.ts';
import type { LoadedExperiment } from '../../../experiment/load.ts';
import type { AskedSearch } from '../context.ts';
import type { Objectives } from '../objectives.ts';

/** What a training goes on with otherwise (`withChanges` of the training's state). */
const CHANGING = [
  /^training\.(optimizer|schedule)\.(?!kind(\.|$))[^.]+$/,
  /^training\.clip$/,
  /^tasks\.[^.]+\.(weight|learningRate)$/,
];

/**
 * Checks that a population can be trained by an experiment whose steps are settled, and returns the number of its generations.
 * @throws BanyanError `experiment` for a key that cannot change on the way, for several objectives, or for steps that the measurements do
 * not divide.
 */
export function checkPopulation(
  { place, experiment: { training } }: LoadedExperiment,
  { space }: AskedSearch,
  { list }: Objectives,
): number {
  for (const key of Object.keys(space)) {
    if (CHANGING.some((pattern) => pattern.test(key))) continue;
    throw new BanyanError(
      'experiment',
      `${place(['search', 'space', key])}: search.space.${key} cannot change while a network is trained, expected with search.population one of training.optimizer.…, training.schedule.… (not their kind), training.clip, tasks.<name>.weight and tasks.<name>.learningRate. Remove it, or leave out search.population.`,
    );
  }
  if (list.length > 1) {
    throw new BanyanError(
      'experiment',
      `${place(['search', 'objectives'])}: a population is ranked by one objective, received ${list.length}: ${list.map(({ name }) => name).join(', ')}. Name one task in search.objectives, or relative.`,
    );
  }
  const { steps, evaluateEvery } = training;
  const generations = steps! / evaluateEvery!;
  if (Number.isInteger(generations)) return generations;
  throw new BanyanError(
    'experiment',
    `${place(['training', 'evaluateEvery'])}: training.evaluateEvery must divide the ${steps} steps with search.population, received ${evaluateEvery}, since members are compared at each measurement and at the end. Set it to ${divisorNear(steps!, evaluateEvery!)}.`,
  );
}

/** The divisor of a number that is nearest to another. */
function divisorNear(steps: number, wanted: number): number {
  let best = steps;
  for (let divisor = 1; divisor <= steps; divisor++)
    if (steps % divisor === 0 && Math.abs(divisor - wanted) < Math.abs(best - wanted)) best = divisor;
  return best;
}
