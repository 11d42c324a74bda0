import type { Observable } from 'rxjs';
import { checkOptions, optionsOf } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { buildTrunk } from '../../experiment/build.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import type { ExperimentFile } from '../../experiment/schema.ts';
import type { Settings } from '../../experiment/settings.ts';
import { readGiven } from '../experiment.ts';
import { inStudyFolder, withStoredThreads } from '../folder.ts';
import { observed } from '../observed.ts';
import { leaves } from '../options.ts';
import { writeJson } from '../records/json.ts';
import { openSession } from '../run/session.ts';
import { performStudy, type Study, type StudyEvent } from '../study.ts';
import type { TransferContext } from './context.ts';
import { TRANSFER_FILES, transferPaths } from './paths.ts';
import { performTraining } from './perform.ts';
import { keyOf, planTransfer, type TransferPlan, type TransferRun } from './plan.ts';
import { appendRun, readRuns, type TransferRecord } from './records.ts';
import { summariseTransfer, type TransferResult } from './result.ts';
import { pickAllTasks } from './tasks.ts';

/** Where a transfer experiment is performed; what is done says its section `transfer`. */
export interface TransferOptions {
  /** The folder, in which it goes on with what is there. Default: the first free `runs/<name>-<n>`. */
  readonly out?: string;
  /** Values that take the place of what the experiment says, by their places: `{ 'training.steps': 100 }`. */
  readonly set?: Settings;
  /** Interrupts it, like unsubscribing; the Observable then ends with the event `interrupted`. */
  readonly signal?: AbortSignal;
}

const optionsSchema = optionsOf('transfer', { out: leaves.out, set: leaves.set, signal: leaves.signal });

/** What a transfer experiment tells while it is performed. */
export type TransferEvent = StudyEvent<TransferRun, TransferRecord, TransferResult>;

/**
 * Measures what trained tasks bring to new ones: columns, heads and fine-tuning, against training from scratch, over several seeds. The
 * networks are trained in this process. The work begins with a subscription and ends when it is unsubscribed; begun again in the same
 * folder, it goes on. The last event is the result.
 * @param experiment the path of its file, or what such a file says; plugins of an object are found from the working folder.
 * @throws BanyanError (as an error of the Observable) `experiment` for an experiment without the section `transfer`, targets that cannot
 * be measured or a folder of another experiment, `busy` while another process writes into the folder.
 */
export const transfer = (
  experiment: string | ExperimentFile,
  options: TransferOptions = {},
): Observable<TransferEvent> =>
  observed(
    async (signal, tell) => performTransfer(await readGiven(experiment, options.set), options, signal, tell),
    options.signal,
  );

async function performTransfer(
  loaded: LoadedExperiment,
  options: TransferOptions,
  signal: AbortSignal,
  tell: (event: TransferEvent) => void,
): Promise<void> {
  const { out } = checkOptions('transfer', optionsSchema, options);
  const { experiment } = loaded;
  const plan = planOf(loaded);
  const session = await openSession({
    ...loaded,
    experiment: await withStoredThreads(TRANSFER_FILES, out, experiment),
  });
  const tasks = await pickAllTasks(session, plan);
  const { threads } = session.runtime;
  const settled = { ...experiment, training: { ...experiment.training, threads } };
  await inStudyFolder(TRANSFER_FILES, out, settled, async (folder) => {
    const trunk = buildTrunk(experiment.trunk!, session.found.container);
    const context = { session, plan, folder, trunk, tasks, signal, fitting: new Map() };
    await performStudy(await transferStudy(context), signal, tell);
  });
}

/** Makes the study of a transfer experiment. */
async function transferStudy(context: TransferContext): Promise<Study<TransferRun, TransferRecord, TransferResult>> {
  const { session, plan, folder } = context;
  const records = new Map((await readRuns(folder, plan.data.points)).map((record) => [keyOf(record), record]));
  return {
    folder,
    runs: plan.runs,
    stored: async ({ name }) => {
      const outcome = records.get(name);
      return outcome && { kind: 'done', outcome };
    },
    perform: async ({ training }) => {
      const outcome = await performTraining(context, training);
      await appendRun(folder, outcome);
      return { kind: 'done', outcome };
    },
    conclude: async (outcomes) => {
      const result = summariseTransfer(session.loaded.experiment.name, plan, [...outcomes.values()]);
      await writeJson(transferPaths(folder).result, result);
      return result;
    },
  };
}

function planOf({ file, experiment }: LoadedExperiment): TransferPlan {
  if (experiment.transfer === undefined) {
    throw new BanyanError(
      'experiment',
      `${file} has no section "transfer": expected one with targets and training. Add it, or use \`banyan train\`.`,
    );
  }
  if (experiment.trunk === undefined || experiment.base !== undefined) {
    throw new BanyanError(
      'experiment',
      `${file}: \`banyan transfer\` trains its sources itself, expected trunk and no base, received ${experiment.base === undefined ? 'no trunk' : `base ${experiment.base}`}. Give it a trunk, and remove base.`,
    );
  }
  return planTransfer(experiment, experiment.transfer);
}
