import { type Command, InvalidArgumentError } from 'commander';

interface TrainFlags {
  readonly out?: string;
  readonly check?: true;
  readonly json?: boolean;
  readonly profile?: boolean;
  readonly report?: true;
  readonly watch?: true;
  readonly port?: number;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}

export function addTrain(program: Command): void {
  program
    .command('train')
    .description('train what an experiment file says (YAML, JSON or TypeScript)')
    .argument('<experiment>', 'the file')
    .option('--out <dir>', 'folder of the run (default: the first free runs/<name>-<n>)')
    .option('--check', 'only try whether everything works: one step, save, load, overfit ten examples')
    .option('--json', 'events as JSON, one a line')
    .option('--profile', 'write what the tenth step spends its time on, for the viewers of Chrome and Perfetto')
    .option(
      '--report',
      'watch the gradients of the tasks, and end with report.html: curves, and which tasks pull apart where',
    )
    .option(
      '--watch',
      'serve a page for this machine that shows the training while it runs, and end with it as report.html',
    )
    .option('--port <number>', 'of that page (default: any free one)', portOf)
    .action(async (file: string, flags: TrainFlags) => {
      const { out, check, json = false, profile = false, report, watch, port = 0 } = flags;
      const [{ loadExperiment }, folders] = await Promise.all([
        import('../experiment/load.ts'),
        import('../run/folder.ts'),
      ]);
      const read = await loadExperiment(file);
      const loaded = report ? { ...read, experiment: { ...read.experiment, report } } : read;
      if (out !== undefined && !check) await folders.assertNoRun(out);
      const { openSession } = await import('../run/session.ts');
      const session = await openSession(loaded);
      if (check) {
        const { checkCommand } = await import('../check/command.ts');
        process.exitCode = await checkCommand(session, json);
        return;
      }
      const { startRun } = await import('../run/start.ts');
      process.exitCode = await startRun(session, out, { json, profile, ...(watch ? { watch: { port } } : {}) });
    });
}
