import { rmdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { clusterFromEnvironment } from '../../cluster/tf-config.ts';
import { BanyanError } from '../../error.ts';
import { loadExperiment } from '../../experiment/load.ts';
import { programBeside } from '../../study/process/start.ts';
import { createFreeFolder } from '../../study/run/folder.ts';
import { runPaths } from '../../study/run/paths.ts';
import { openNamespace } from '../../study/workers/namespace.ts';
import { superviseWorkers } from '../../study/workers/supervise.ts';
import { checkpointsIn } from '../../train/index.ts';
import { type SettingFlags, settingsOf } from '../commands/setting.ts';

interface WorkersFlags extends SettingFlags {
  readonly out?: string;
  readonly check?: true;
  readonly findRate?: true | number;
  readonly profile?: boolean;
  readonly watch?: true;
  readonly network?: true;
}

/** Has `banyan train` done by so many processes of this machine, and returns the exit code. */
export async function trainInWorkers(file: string, workers: number, flags: WorkersFlags): Promise<number> {
  const alone = (['check', 'findRate', 'profile'] as const).find((flag) => flags[flag]);
  if (alone !== undefined || clusterFromEnvironment() !== undefined) {
    const what = alone === undefined ? 'TF_CONFIG' : `--${alone === 'findRate' ? 'find-rate' : alone}`;
    throw new BanyanError(
      'argument',
      `--workers starts the workers of a training, expected it without ${what}. Leave out one of the two.`,
    );
  }
  const { experiment } = await loadExperiment(file, settingsOf(flags));
  const threads = experiment.training.threads ?? Math.max(1, Math.floor(availableParallelism() / workers));
  const folder = flags.out ?? (await createFreeFolder(experiment.name));
  const args = withoutOption(process.argv.slice(2), '--workers');
  const say = (text: string) => void process.stderr.write(`\n${text}\n`);
  const reason = flags.network
    ? '--network was given'
    : flags.watch || experiment.log !== undefined
      ? 'the page of --watch, and a log to a server, need it'
      : undefined;
  const namespace = reason ?? (await openNamespace());
  if (typeof namespace === 'string')
    say(
      `The workers use the network of this machine (${namespace}): whoever reaches their ports can use them. See docs/machines.md for how to close them to others.`,
    );
  const plan = {
    program: programBeside(import.meta.url, '../banyan'),
    args: [
      ...args,
      ...(flags.out === undefined ? ['--out', folder] : []),
      ...(experiment.training.threads === undefined ? ['--set', `training.threads=${threads}`] : []),
    ],
    count: workers,
    progress: async () => (await checkpointsIn(runPaths(folder).checkpoints))[0] ?? '',
    ...(typeof namespace === 'string' ? {} : { within: namespace.within }),
    say,
  };
  try {
    return await superviseWorkers(plan);
  } finally {
    if (typeof namespace !== 'string') namespace.leave();
    // A run that could not start leaves no folder.
    if (flags.out === undefined) await rmdir(folder).catch(() => {});
  }
}

/** Leaves an option and its value out of arguments. */
function withoutOption(args: readonly string[], option: string): readonly string[] {
  const at = args.indexOf(option);
  if (at >= 0) return [...args.slice(0, at), ...args.slice(at + 2)];
  return args.filter((arg) => !arg.startsWith(`${option}=`));
}
