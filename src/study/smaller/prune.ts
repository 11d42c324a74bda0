import type { Observable } from 'rxjs';
import { checkOptions, listOf, number, optionsOf } from '../../check.ts';
import { changeExperiment, type LoadedExperiment } from '../../experiment/load.ts';
import type { PrunedTrunk } from '../../network/index.ts';
import { inStudyFolder } from '../folder.ts';
import { observed } from '../observed.ts';
import { openSession, restoreNetwork } from '../run/session.ts';
import { performStudy } from '../study.ts';
import type { Candidate } from './candidate.ts';
import { readOriginal, type SmallerEvent, type SmallerOptions, smallerLeaves } from './options.ts';
import { SMALLER_FILES } from './paths.ts';
import { type Original, smallerStudy } from './study.ts';

/** How far networks are pruned. */
export interface PruneNetworkOptions extends SmallerOptions {
  /** The shares of each block's heads and channels that stay, a network for each. Default: 0.75, 0.5 and 0.25. */
  readonly keep?: readonly number[];
}

const PARTS = 'a list of different numbers > 0 and < 1';
const schema = optionsOf('prune', {
  keep: listOf(number({ above: 0, below: 1 }), PARTS)
    .refine((parts) => parts.length > 0 && new Set(parts).size === parts.length, { error: PARTS })
    .default([0.75, 0.5, 0.25]),
  ...smallerLeaves,
});

/**
 * Prunes the network of a run to several sizes (`Network.pruneTrunk`), trains each on as the run's experiment says, and measures them beside the
 * network as it is: bytes and milliseconds against the metric of each task. Each becomes a run of its own in the folder. The work begins with a
 * subscription and ends when it is unsubscribed; begun again in the same folder, it goes on. The last event is the result.
 * @param folder that of the run; nothing in it is changed.
 * @throws BanyanError (as an error of the Observable) `argument` for wrong options and for a trunk without heads of attention, `checkpoint` for
 * a folder without a run or weights, `busy` while another process writes into the folder.
 */
export const prune = (folder: string, options: PruneNetworkOptions = {}): Observable<SmallerEvent> =>
  observed((signal, tell) => performPruning(folder, options, signal, tell), options.signal);

async function performPruning(
  folder: string,
  options: PruneNetworkOptions,
  signal: AbortSignal,
  tell: (event: SmallerEvent) => void,
): Promise<void> {
  const { keep, out } = checkOptions('prune', schema, options);
  const loaded = await readOriginal('prune', folder, options.trust);
  const original = { folder, session: await openSession(loaded) };
  const changed = changeExperiment(loaded, options.set ?? {});
  const candidates: Candidate[] = [];
  for (const share of [...keep].sort((a, b) => b - a)) candidates.push(await prunedTo(original, changed, share));
  await inStudyFolder(SMALLER_FILES, out, loaded.experiment, (study) =>
    performStudy(smallerStudy(study, original, candidates), signal, tell),
  );
}

/** Plans a network of which this share stays. @throws BanyanError `argument` for a trunk that has no such parts. */
async function prunedTo(
  original: Original,
  { experiment, ...rest }: LoadedExperiment,
  keep: number,
): Promise<Candidate> {
  const name = `keep-${keep}`;
  const begin = async () => {
    const { network } = await restoreNetwork(original.session, original.folder);
    try {
      return { network, weights: [], pruned: await network.pruneTrunk({ keep }) };
    } catch (error) {
      network.dispose();
      throw error;
    }
  };
  // Once here, to know what its experiment says: before there is a folder, too, for a trunk that cannot be pruned.
  const { network, pruned } = await begin();
  network.dispose();
  const loaded = { ...rest, experiment: experimentOf(experiment, name, pruned) };
  return {
    run: { name, title: `${Number((100 * keep).toPrecision(3))} % of heads and channels kept`, route: 'pruned' },
    setting: keep,
    session: { ...original.session, loaded },
    begin,
  };
}

/** What a pruned network's own run says: what is left of its trunk, and nothing that led to the weights it began with. */
function experimentOf(
  { pretrained: _, report: __, transfer: ___, search: ____, trunk, ...experiment }: LoadedExperiment['experiment'],
  name: string,
  { blocks }: PrunedTrunk,
): LoadedExperiment['experiment'] {
  return { ...experiment, name: `${experiment.name}-${name}`, trunk: { ...trunk!, blocks } };
}
