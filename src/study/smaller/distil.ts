import type { Observable } from 'rxjs';
import { checkOptions, optionsOf, positive } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { ExperimentFile } from '../../experiment/schema.ts';
import type { Network } from '../../network/index.ts';
import { distilled } from '../../train/index.ts';
import { readGiven } from '../experiment.ts';
import { inStudyFolder } from '../folder.ts';
import { observed } from '../observed.ts';
import { loadPretrained } from '../run/pretrained.ts';
import { buildNetwork, openSession, restoreNetwork } from '../run/session.ts';
import { performStudy } from '../study.ts';
import type { Candidate } from './candidate.ts';
import { assertWhole, readOriginal, type SmallerEvent, type SmallerOptions, smallerLeaves } from './options.ts';
import { SMALLER_FILES } from './paths.ts';
import { ORIGINAL, smallerStudy } from './study.ts';

/** How students learn from a teacher. */
export interface DistilNetworkOptions extends SmallerOptions {
  /** What the scores of classes are divided by before they become probabilities: see `DistilOptions`. Default 2. */
  readonly temperature?: number;
}

const schema = optionsOf('distil', { temperature: positive.default(2), ...smallerLeaves });
/**
 * Trains networks by experiments whose tasks a trained network teaches (`distilled`), several tasks at once, and measures them beside the teacher:
 * bytes and milliseconds against the metric of each task. Each becomes a run of its own in the folder. The work begins with a subscription and ends when it is
 * unsubscribed; begun again in the same folder, it goes on. The last event is the result.
 * @param teacher the folder of the teacher's run; nothing in it is changed.
 * @param students an experiment for each student: the path of its file, or what such a file says.
 * @throws BanyanError (as an error of the Observable) `argument` for wrong options and a task that the teacher lacks, `experiment` for two students
 * of one name, `checkpoint` for a folder without a run or weights, `busy` while another process writes into the folder.
 */
export const distil = (
  teacher: string,
  students: readonly (string | ExperimentFile)[],
  options: DistilNetworkOptions = {},
): Observable<SmallerEvent> =>
  observed((signal, tell) => performDistillation(teacher, students, options, signal, tell), options.signal);

async function performDistillation(
  teacher: string,
  students: readonly (string | ExperimentFile)[],
  options: DistilNetworkOptions,
  signal: AbortSignal,
  tell: (event: SmallerEvent) => void,
): Promise<void> {
  const { temperature, out } = checkOptions('distil', schema, options);
  const loaded = await readOriginal('distil', teacher, options.trust);
  const original = { folder: teacher, session: await openSession(loaded) };
  let network: Network | undefined;
  const teach = async () => {
    network ??= (await restoreNetwork(original.session, teacher)).network;
    return network;
  };
  try {
    const candidates: Candidate[] = [];
    for (const student of students) candidates.push(await taught(student, options.set, { teach, temperature }));
    assertNames(candidates);
    await inStudyFolder(SMALLER_FILES, out, loaded.experiment, (folder) =>
      performStudy(smallerStudy(folder, original, candidates), signal, tell),
    );
  } finally {
    network?.dispose();
  }
}

/** What students learn from. */
interface Teaching {
  /** Gives the trained network. */
  readonly teach: () => Promise<Network>;
  readonly temperature: number;
}

/** Plans a student. */
async function taught(
  student: string | ExperimentFile,
  set: SmallerOptions['set'],
  { teach, temperature }: Teaching,
): Promise<Candidate> {
  const loaded = await readGiven(student, set);
  assertWhole('distil', loaded);
  const session = await openSession(loaded);
  // Before there is a folder: a task that the teacher lacks.
  const tasks = await distilled(await teach(), session.tasks, { temperature });
  const { name } = loaded.experiment;
  return {
    run: { name, title: `student ${name}`, route: 'distilled' },
    setting: temperature,
    session,
    begin: async () => {
      const network = await buildNetwork(session, tasks);
      try {
        return { network, weights: await loadPretrained(session, network) };
      } catch (error) {
        network.dispose();
        throw error;
      }
    },
  };
}

/** @throws BanyanError `experiment` for students that would have one folder, or that of a pruned network or the teacher. */
function assertNames(candidates: readonly Candidate[]): void {
  if (candidates.length === 0) {
    throw new BanyanError('argument', 'distil: students is empty, expected at least one experiment. Name one.');
  }
  const names = candidates.map(({ run }) => run.name);
  const taken = names.find((name, i) => names.indexOf(name) < i || name === ORIGINAL.name);
  if (taken === undefined) return;
  throw new BanyanError(
    'experiment',
    `distil: a student is called "${taken}", expected a name for each that no other network has. Give its experiment another \`name\`.`,
  );
}
