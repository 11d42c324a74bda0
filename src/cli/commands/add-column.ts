import { type Command, Option } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { LATERAL_KINDS, type LateralKind } from '../../trunk/lateral-kind.ts';
import { assertAlone } from '../process/alone.ts';
import { doneInChild } from '../process/supervise.ts';
import { withProgress } from '../progress.ts';
import { names } from './parse.ts';
import { addSettingOptions, type SettingFlags, settingsOf } from './setting.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface AddColumnFlags extends Trust, SettingFlags {
  readonly tasks: readonly string[];
  readonly out?: string;
  readonly plugin?: readonly string[];
  readonly laterals?: LateralKind;
  readonly stem?: string;
  readonly json?: boolean;
}

const added = (plugin: string, before: readonly string[] = []) => [...before, plugin];

export function addAddColumn(program: Command): void {
  const command = program
    .command('add-column')
    .description('train new tasks in a column beside the network of a run; nothing in it changes')
    .argument('<dir>', 'folder of the run')
    .requiredOption('--tasks <names>', 'the new tasks, separated by commas', names)
    .option('--out <dir>', 'folder of the new run (default: the first free runs/<name>-<n>)')
    .option('--plugin <plugin>', 'a file or package that brings a new task; may be repeated', added)
    .addOption(
      new Option('--laterals <kind>', 'how earlier columns come in (default: nonlinear)').choices(LATERAL_KINDS),
    )
    .option('--stem <task>', 'the old task through whose stem the new examples go (default: the one that fits)')
    .option('--json', 'events as JSON, one a line');
  addTrustOptions(addSettingOptions(command)).action(async (dir: string, flags: AddColumnFlags) => {
    assertAlone('add-column');
    if (await doneInChild()) return;
    const [{ growExperiment }, { changeExperiment }] = await Promise.all([
      import('../../experiment/grow.ts'),
      import('../../experiment/load.ts'),
    ]);
    const grown = growExperiment(await readTrustedRun(dir, flags), dir, flags);
    const loaded = changeExperiment(grown, settingsOf(flags));
    const { assertNoRun } = await import('../../study/run/folder.ts');
    if (flags.out !== undefined) await assertNoRun(flags.out);
    const [{ openSession }, { startRun }, { performRun }] = await Promise.all([
      import('../../study/run/session.ts'),
      import('../../study/run/start.ts'),
      import('../run/perform.ts'),
    ]);
    const session = await withProgress('reading data', () => openSession(loaded));
    process.exitCode = await performRun((options) => startRun(session, flags.out, options), {
      json: flags.json ?? false,
    });
  });
}
