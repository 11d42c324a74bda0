import { constantSchedule, type Network, type TrainOptions, train } from 'banyan-ml';
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
  const probes = train(network, { steps: PROBES, batch, schedule: constantSchedule() });
  const steps = await lastValueFrom(
    probes.pipe(
      filter((event) => event.kind === 'step'),
      toArray(),
    ),
  );
  network.dispose();
  const times = steps.slice(ROUND).map((event) => event.milliseconds);
  const rounds = times.slice(ROUND - 1).map((_, i) => times.slice(i, i + ROUND).reduce((a, b) => a + b, 0));
  const usual = rounds.sort((a, b) => a - b)[Math.floor(rounds.length / 2)]!;
  const fitting = Math.floor((milliseconds * ROUND) / usual);
  return Math.max(10, fitting - (fitting % 10));
}
