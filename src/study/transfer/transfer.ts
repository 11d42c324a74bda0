import { BanyanError } from '../../error.ts';
import { buildTrunk } from '../../experiment/build.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import { pickTask } from '../../experiment/plugins/pick.ts';
import type { AnyTask } from '../../task/index.ts';
import { whileLocked } from '../lock/lock.ts';
import { tellParent } from '../process/parent.ts';
import { createRunFolder, makeFolder, writeWhole } from '../run/folder.ts';
import { onInterrupt } from '../run/interrupt.ts';
import { openSession, type Session } from '../run/session.ts';
import { appendRun, openTransferFolder, readRuns, readTransferExperiment, transferPaths } from './folder.ts';
import { keyOf, planTransfer, runText, type TransferPlan } from './plan.ts';
import { summariseTransfer } from './result.ts';
import { performRun } from './run.ts';
import { progressText, transferText } from './tables.ts';
import { Interrupted } from './transfer-study.ts';

const INTERRUPTED = 130;

/**
 * Performs a transfer experiment, or what is still to be done of it. Returns the exit code: 0, or 130 when it was interrupted.
 * @throws BanyanError `experiment` for a file without the section, targets that cannot be measured, a folder of another one.
 */
export async function transfer(loaded: LoadedExperiment, out: string | undefined, json: boolean): Promise<number> {
  const { experiment } = loaded;
  const plan = planOf(loaded);
  const session = await openSession(await withThreads(loaded, out));
  const tasks = await allTasks(session, plan);
  const folder = out ?? (await createRunFolder(experiment.name, undefined));
  await makeFolder(folder);
  return whileLocked(folder, async () => {
    const { threads } = session.runtime;
    await openTransferFolder(folder, { ...experiment, training: { ...experiment.training, threads } });
    return performAll({ loaded, plan, session, tasks, folder, json });
  });
}

interface Transfer {
  readonly loaded: LoadedExperiment;
  readonly plan: TransferPlan;
  readonly session: Session;
  readonly tasks: ReadonlyMap<string, AnyTask>;
  readonly folder: string;
  readonly json: boolean;
}

/** Performs the runs that are not there yet, and writes down what all of them come to. */
async function performAll({ loaded, plan, session, tasks, folder, json }: Transfer): Promise<number> {
  const { experiment, file } = loaded;
  const interrupted = new AbortController();
  const release = onInterrupt(
    () => interrupted.abort(new Interrupted()),
    () => process.exit(INTERRUPTED),
  );
  const goOn = `Go on with: banyan transfer ${file} --out ${folder}`;
  tellParent({ kind: 'standing', text: `Its finished runs are in ${folder}. ${goOn}` });
  const say = (text: string) => json || process.stdout.write(`${text}\n`);
  const trunk = buildTrunk(experiment.trunk!, session.found.container);
  const place = { session, plan, folder, trunk, tasks, signal: interrupted.signal, fitting: new Map() };
  const records = await readRuns(folder, plan.data.points);
  const done = new Set(records.map(keyOf));
  if (done.size > 0) say(`going on in ${folder}: ${done.size} of ${plan.runs.length} runs are there`);
  const begin = performance.now();
  try {
    const rest = plan.runs.filter((run) => !done.has(keyOf(run)));
    for (const [i, run] of rest.entries()) {
      const record = await performRun(place, run);
      await appendRun(folder, record);
      records.push(record);
      const what = `${runText(run)}: ${record.metric} ${record.test.toFixed(3)}, ${record.seconds.toFixed(1)} s`;
      say(progressText(records.length, plan.runs.length, what, performance.now() - begin, i + 1));
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    say(`\nInterrupted after ${records.length} of ${plan.runs.length} runs. ${goOn}`);
    return INTERRUPTED;
  } finally {
    release();
  }
  const result = summariseTransfer(experiment.name, plan, records);
  await writeWhole(transferPaths(folder).result, result);
  process.stdout.write(
    json ? `${JSON.stringify(result, null, 2)}\n` : `\n${transferText(result)}\n\nAll runs are in ${folder}\n`,
  );
  return 0;
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
      `${file}: \`banyan transfer\` trains its sources itself, expected trunk and no base, received ${experiment.base === undefined ? 'no trunk' : `base ${experiment.base}`}. Correct the file.`,
    );
  }
  return planTransfer(experiment, experiment.transfer);
}

/** With as many threads as the folder's runs were made with, unless the file says how many. */
async function withThreads(loaded: LoadedExperiment, out: string | undefined): Promise<LoadedExperiment> {
  const { experiment } = loaded;
  const threads = out === undefined ? undefined : (await readTransferExperiment(out))?.training.threads;
  if (experiment.training.threads !== undefined || threads === undefined) return loaded;
  return { ...loaded, experiment: { ...experiment, training: { ...experiment.training, threads } } };
}

/** Sources' and targets' tasks by name. @throws BanyanError `experiment` for a target that cannot be measured. */
async function allTasks({ loaded, found, tasks }: Session, plan: TransferPlan): Promise<ReadonlyMap<string, AnyTask>> {
  const path = ['transfer', 'targets'];
  const targets = plan.data.targets.map((name) => pickTask(loaded, found, name, path));
  for (const { name, source } of targets) {
    await source.open?.();
    for (const split of ['training', 'validation'] as const) {
      const count = source.counts[split];
      if (
        count > 0 &&
        (Number.isFinite(count) || (split === 'training' && plan.data.examples.every((share) => share === 1)))
      )
        continue;
      throw new BanyanError(
        'experiment',
        `${loaded.place(path)}: target "${name}" has ${count} ${split} examples, expected at least one and not endlessly many: ${split === 'training' ? 'shares are taken of them' : 'the learning curve is measured on them'}. Leave the target out, or give its source a ${split} split.`,
      );
    }
  }
  return new Map([...tasks, ...targets].map((task) => [task.name, task]));
}
