import { assemble, internals, type Network, passesOf, readExamples } from '../../../network/index.ts';
import { NO_NETWORK } from '../../../task/index.ts';
import { stockJoint } from './joint.ts';
import type { StockNetwork } from './layers.ts';
import { stockCnn, stockTransformer } from './networks.ts';

/** Makes the network that is measured in plain tfjs, by its name, on the first examples of its tasks. */
export async function stockOf(name: string, network: Network, batch: number): Promise<StockNetwork> {
  const { tasks } = internals(network).body;
  const indices = Array.from({ length: batch }, (_, i) => i);
  const passes = await Promise.all(
    passesOf(tasks).map(async (pass) =>
      assemble(pass, await readExamples(pass.tasks[0]!.name, pass.source, 'training', indices, NO_NETWORK)),
    ),
  );
  if (name === 'cnn-3-heads') return stockCnn(passes);
  if (name === 'transformer-3-modalities') return stockTransformer(passes);
  // ln(classes) is a classifier's first loss.
  return stockJoint(
    passes,
    tasks.map(({ head }) => Math.round(Math.exp(head.initialLoss!))),
  );
}
