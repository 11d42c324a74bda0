import type { Command } from 'commander';
import { port as parsePort } from './parse.ts';

export interface WatchFlags {
  readonly watch?: true;
  readonly port?: number;
}

/** Adds the options of a command that trains, by which people watch it. */
export const addWatchOptions = (command: Command): Command =>
  command
    .option(
      '--watch',
      'serve a page for this machine that shows the training while it runs, and end with it as report.html',
    )
    .option('--port <number>', 'of that page (default: any free one)', parsePort);

/** Says what these options ask for. */
export const watchingOf = ({ watch, port = 0 }: WatchFlags): { readonly watch?: { readonly port: number } } =>
  watch ? { watch: { port } } : {};
