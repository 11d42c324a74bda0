import { constant, type Network, train } from 'banyan-ml';
import { filter, lastValueFrom, toArray } from 'rxjs';

const PROBES = 12;

/**
 * How many training steps fit into this time on this machine: measured on a network that is thrown away, so that the real
 * training can be told its number of steps before it starts.
 */
export async function stepsWithin(
  milliseconds: number,
  network: Network,
  { batch, most }: { batch: number; most: number },
): Promise<number> {
  const probes = train(network, { steps: PROBES, batch, schedule: constant() });
  const steps = await lastValueFrom(
    probes.pipe(
      filter((event) => event.kind === 'step'),
      toArray(),
    ),
  );
  network.dispose();
  // The first steps are slow: memory is fetched, caches are cold.
  const times = steps.slice(PROBES / 3).map((step) => step.milliseconds);
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  const fitting = Math.floor(milliseconds / median);
  return Math.min(most, Math.max(10, fitting - (fitting % 10)));
}
