import { readdir, rm } from 'node:fs/promises';
import { BanyanError } from '../../error.ts';
import { loadExperiment } from '../../experiment/load.ts';
import { exists, readJson, writeJson } from '../records/json.ts';
import { experimentDifferences } from '../run/differences.ts';
import { runPaths } from '../run/paths.ts';
import { restoreNetwork, type Session } from '../run/session.ts';
import type { Ending, Study } from '../study.ts';
import type { Candidate, SmallerRun } from './candidate.ts';
import { writePage } from './page.ts';
import { smallerPaths } from './paths.ts';
import { measurePoint, pointSchema, type SizePoint } from './point.ts';
import { type SmallerResult, summariseSizes } from './result.ts';
import { writeTable } from './tables.ts';
import { trainCandidate } from './train-candidate.ts';

/** The run whose network is to become smaller. */
export interface Original {
  readonly folder: string;
  readonly session: Session;
}

/** The run of the original. */
export const ORIGINAL: SmallerRun = { name: 'original', title: 'the network as it is', route: 'original' };
const MEND = 'Remove it: it is measured again.';

/** Makes the study of an original and smaller networks. What its folder holds of others comes into the result too. */
export function smallerStudy(
  folder: string,
  original: Original,
  candidates: readonly Candidate[],
): Study<SmallerRun, SizePoint, SmallerResult> {
  const paths = smallerPaths(folder);
  const candidateOf = ({ name }: SmallerRun) => candidates.find(({ run }) => run.name === name);
  const read = (name: string) => readJson(paths.point(name), pointSchema, MEND);
  return {
    folder,
    runs: [ORIGINAL, ...candidates.map(({ run }) => run)],
    stored: async (run) => {
      if (!(await exists(paths.point(run.name)))) return undefined;
      const outcome = await read(run.name);
      const candidate = candidateOf(run);
      if (candidate !== undefined) await assertSame(candidate, outcome, paths.network(run.name));
      return { kind: 'done', outcome };
    },
    perform: async (run, { signal }): Promise<Ending<SizePoint>> => {
      const candidate = candidateOf(run);
      const { name, route } = run;
      if (candidate !== undefined) {
        await trainCandidate(candidate, paths.network(name), paths.checkpoints(name), signal);
      }
      // As it lies in its folder, and by its own tasks, whatever it has learned from.
      const [session, where] =
        candidate === undefined ? [original.session, original.folder] : [candidate.session, paths.network(name)];
      const { network } = await restoreNetwork(session, where);
      try {
        const outcome = await measurePoint(network, { route, setting: candidate?.setting ?? 1 }, signal);
        await writeJson(paths.point(name), outcome);
        await rm(paths.checkpoints(name), { recursive: true, force: true });
        return { kind: 'done', outcome };
      } finally {
        network.dispose();
      }
    },
    conclude: async () => {
      const points = new Map<string, SizePoint>();
      for (const file of await readdir(paths.points)) {
        if (!file.endsWith('.json')) continue;
        const name = file.slice(0, -'.json'.length);
        points.set(name, await read(name));
      }
      const result = summariseSizes(original.session.loaded.experiment.name, points);
      writeTable(paths.table, result);
      await writePage(paths.page, result);
      await writeJson(paths.result, result);
      return result;
    },
  };
}

/** @throws BanyanError `experiment` for a network that was made by something else under this name. */
async function assertSame({ run, setting, session }: Candidate, before: SizePoint, folder: string): Promise<void> {
  const { experiment } = await loadExperiment(runPaths(folder).experiment);
  const { threads } = session.runtime;
  const now = session.loaded.experiment;
  const differences = [
    ...(before.route === run.route && before.setting === setting
      ? []
      : [`it is ${run.route} by ${setting} here, was ${before.route} by ${before.setting}`]),
    ...experimentDifferences(experiment, { ...now, training: { ...now.training, threads } }),
  ];
  if (differences.length === 0) return;
  throw new BanyanError(
    'experiment',
    `${folder} holds another network: ${differences.join('; ')}. Expected the same one, to go on from. Set it back, or choose another --out.`,
  );
}
