import type { Command } from 'commander';
import type { Trust } from '../../experiment/plugins/trust.ts';
import { notNegative, port as parsePort, wholeNumber } from './parse.ts';
import { addTrustOptions, readTrustedRun } from './trusting.ts';

interface ServeFlags extends Trust {
  readonly port?: number;
  readonly host?: string;
  readonly tasks?: readonly string[];
  readonly window?: number;
  readonly batch?: number;
  readonly queue?: number;
  readonly body?: number;
}

const MEGABYTE = 1_000_000;

export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description(
      "answer over HTTP by the networks of runs: pictures, sounds, texts, rows, tensors; a run's next checkpoint too",
    )
    .argument('<dir...>', 'folder of a run; of several NAME=DIR, whose tasks are then NAME.TASK')
    .option('--port <number>', 'where to listen; 0 for any free one (default: 8080)', parsePort)
    .option('--host <address>', 'on which address; 0.0.0.0 for other machines too (default: 127.0.0.1)')
    .option('--tasks <name...>', 'which tasks (default: all)')
    .option('--window <ms>', 'how long the first example of a batch waits for others (default: 1)', notNegative)
    .option('--batch <n>', 'most examples of a batch, at most 64 (default: 64)', wholeNumber())
    .option('--queue <n>', 'most examples that wait (default: 1024)', wholeNumber())
    .option('--body <MB>', 'most megabytes of a request (default: 16)', wholeNumber());
  addTrustOptions(command).action(async (dirs: string[], flags: ServeFlags) => {
    const { plugins, trust, body, ...options } = flags;
    const runs = [];
    for (const dir of dirs) {
      const [, name, folder] = /^([A-Za-z][\w-]*)=(.+)$/s.exec(dir) ?? [undefined, undefined, dir];
      runs.push({ name, folder: folder!, loaded: await readTrustedRun(folder!, flags) });
    }
    const { serveRuns } = await import('../run/serve.ts');
    await serveRuns(runs, { ...options, ...(body === undefined ? {} : { body: body * MEGABYTE }) });
  });
}
