import { type Command, InvalidArgumentError } from 'commander';

export interface WatchFlags {
  readonly watch?: true;
  readonly port?: number;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65535) return port;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}

/** The options of a command that trains, by which people watch it. */
export const addWatchOptions = (command: Command): Command =>
  command
    .option(
      '--watch',
      'serve a page for this machine that shows the training while it runs, and end with it as report.html',
    )
    .option('--port <number>', 'of that page (default: any free one)', portOf);

/** What they ask for. */
export const watchingOf = ({ watch, port = 0 }: WatchFlags): { readonly watch?: { readonly port: number } } =>
  watch ? { watch: { port } } : {};
