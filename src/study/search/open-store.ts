import { BanyanError } from '../../error.ts';
import type { CheckedExperiment } from '../../experiment/load.ts';
import type { SideCarPython } from '../../runtime/index.ts';
import { experimentDifferences } from '../run/differences.ts';
import type { AskedSearch } from './context.ts';
import type { Objectives } from './objectives.ts';
import { Sidecar } from './optuna/sidecar.ts';
import { TrialStore } from './optuna/store.ts';

/** Seconds between two heartbeats of a worker. */
const BEAT = 5;

/**
 * Opens the study of an experiment's name in a store. @throws BanyanError `experiment` where the store has another search by that name.
 */
export async function openStore(
  experiment: CheckedExperiment,
  data: AskedSearch,
  { list }: Objectives,
  url: string,
  python: SideCarPython,
): Promise<TrialStore> {
  const { name, seed, trunk, training } = experiment;
  const { space, objectives, population } = data;
  // What other machines may have otherwise is left out: threads, and where files lie.
  const { threads: _, ...trained } = training;
  const description = {
    name,
    seed,
    trunk,
    training: trained,
    search: { space, objectives, ...(population === undefined ? {} : { population }) },
  };
  const { evaluateEvery } = training;
  const store = await TrialStore.open(new Sidecar(python), {
    url,
    name,
    directions: list.map(({ higherIsBetter }) => (higherIsBetter ? 'maximize' : 'minimize')),
    sampler: data.sampler,
    seed,
    prune: list.length > 1 ? null : (data.prune ?? null),
    points: evaluateEvery === undefined ? 1 : Math.max(1, Math.floor(stepsOf(experiment) / evaluateEvery)),
    beat: BEAT,
    description: JSON.stringify(description),
  });
  const differences = experimentDifferences(JSON.parse(store.description), description as never);
  if (differences.length === 0) return store;
  await store.close();
  throw new BanyanError(
    'experiment',
    `The store has a search "${name}" of another experiment: ${differences.join('; ')}. Expected the same one, to search together. Set the experiment back, or give it another name.`,
  );
}

/** The steps of a training; where the search changes its epochs, nobody knows them yet. */
function stepsOf({ training }: CheckedExperiment): number {
  return training.steps ?? 100 * (training.evaluateEvery ?? 1);
}
