import { BanyanError } from '../../error.ts';
import { given } from '../../experiment/build.ts';
import type { CheckedExperiment } from '../../experiment/load.ts';
import type { Network } from '../../network/index.ts';
import { type LoadedWeights, type LoadWeightsOptions, loadWeights } from '../../pretrained/index.ts';
import type { Session } from './session.ts';

/**
 * Lets a network begin with the weights that its experiment names.
 * @returns what was loaded, in the order of the experiment.
 * @throws BanyanError as `loadWeights`, with the place in the experiment.
 */
export async function loadPretrained(
  { loaded: { experiment, place } }: Pick<Session, 'loaded'>,
  network: Network,
): Promise<readonly LoadedWeights[]> {
  const loaded: LoadedWeights[] = [];
  for (const options of experiment.pretrained ?? []) {
    const loading = loadWeights(network, given(options) as LoadWeightsOptions).catch((error: unknown) => {
      if (!(error instanceof BanyanError)) throw error;
      throw new BanyanError(error.code, `${place(['pretrained'])}: ${error.message}`, { cause: error });
    });
    loaded.push(await loading);
  }
  return loaded;
}

/** The experiment as its run keeps it: with the digest of each file that was loaded, so that no other one is taken for it. */
export const withDigests = (experiment: CheckedExperiment, loaded: readonly LoadedWeights[]): CheckedExperiment =>
  experiment.pretrained === undefined
    ? experiment
    : { ...experiment, pretrained: experiment.pretrained.map((file, i) => ({ ...file, sha256: loaded[i]!.sha256 })) };
