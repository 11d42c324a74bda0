import { BanyanError } from '../../error.ts';
import { createNetwork, internals, type Network, passOf, readExamples } from '../../network/index.ts';
import { NO_NETWORK } from '../../task/index.ts';
import { GENERATED, joint, oneInput } from './networks/index.ts';

/** Makes a network that is measured, by its name, whose sources have a batch of so many examples. */
export async function networkOf(name: string, batch: number): Promise<Network> {
  const generated = GENERATED.find((network) => network.name === name);
  if (name === oneInput.name)
    return createNetwork({ trunk: oneInput.trunk, tasks: oneInput.tasks(batch) as never }) as never;
  if (generated !== undefined)
    return createNetwork({ trunk: generated.trunk, tasks: generated.tasks(batch) as never }) as never;
  if (name !== joint.name)
    throw new BanyanError(
      'argument',
      `There is no network "${name}" to measure. Expected one of those of src/cli/bench/networks/. Choose one of them.`,
    );
  const { loadPlugins } = await import('../../experiment/plugins/load.ts');
  const { tasks } = await loadPlugins([]);
  return createNetwork({ trunk: joint.trunk, tasks: joint.tasks(tasks.map(({ task }) => task)) });
}

/** Reads the first examples of a task, as `predict` takes them. */
export async function rawInputs(network: Network, task: string, batch: number): Promise<unknown[]> {
  const { source } = passOf(internals(network).body.task(task));
  const indices = Array.from({ length: batch }, (_, i) => i);
  return (await readExamples(task, source, 'training', indices, NO_NETWORK)).map(({ input }) => input);
}
