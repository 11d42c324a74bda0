import { constant, type Network, train } from 'banyan-ml';
import { filter, lastValueFrom, toArray } from 'rxjs';

const PROBES = 16;

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
  // The quicker ones: the first steps are slow, and so are those that some other program disturbs.
  const times = steps.map((step) => step.milliseconds).sort((a, b) => a - b);
  const fitting = Math.floor(milliseconds / times[PROBES / 4]!);
  return Math.min(most, Math.max(10, fitting - (fitting % 10)));
}
