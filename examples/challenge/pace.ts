import { constant, type Network, type TrainOptions, train } from 'banyan-ml';
import { filter, lastValueFrom, toArray } from 'rxjs';

const PROBES = 40;
// So many steps in a row have the game played once: 64 x 32 frames, each learned from 3 times, by 512 a step.
const ROUND = 12;

/**
 * How many training steps fit into this time on this machine: measured on a network that is thrown away, so that the real
 * training can be told its number of steps before it starts.
 */
export async function stepsWithin(
  milliseconds: number,
  network: Network,
  batch: TrainOptions['batch'],
): Promise<number> {
  const probes = train(network, { steps: PROBES, batch, schedule: constant() });
  const steps = await lastValueFrom(
    probes.pipe(
      filter((event) => event.kind === 'step'),
      toArray(),
    ),
  );
  network.dispose();
  // The quickest ones: the first steps are slow, and so are those that some other program disturbs.
  const rounds = steps
    .slice(ROUND)
    .map((_, i) => steps.slice(i, i + ROUND).reduce((sum, s) => sum + s.milliseconds, 0));
  const fitting = Math.floor((milliseconds * ROUND) / Math.min(...rounds));
  return Math.max(10, fitting - (fitting % 10));
}
