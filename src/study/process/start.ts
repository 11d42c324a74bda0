import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { heapOptions } from './heap.ts';

/** Holds the number of the process that started this one, and with which it ends (`endWithParent`). */
export const PARENT = 'BANYAN_PARENT';

/** What a child tells its parent. */
export type ToParent =
  /** It answers signals from now on; `text` says what is safe and how to go on, should it not be able to. */
  | { readonly kind: 'safety'; readonly text: string }
  /** It has heard of a signal. */
  | { readonly kind: 'heard' };

/** What a parent tells its child: a signal that has come. */
export interface ToChild {
  readonly kind: 'signal';
  readonly signal: NodeJS.Signals;
}

/** How a child is started. */
export interface ChildOptions {
  /** The program: a file of this package, TypeScript or built. */
  readonly program: string;
  readonly args: readonly string[];
  readonly stdio: readonly ('inherit' | 'ignore' | 'pipe')[];
  /** A command that starts it somewhere else, as in a network namespace, and becomes it. */
  readonly within?: readonly string[];
  /** Variables of its environment beside this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The file of a program of this package, by its path from a module without its ending: TypeScript in the sources, else built. */
export function programBeside(module: string, path: string): string {
  const file = fileURLToPath(module);
  return fileURLToPath(new URL(`${path}${extname(file)}`, module));
}

/** Starts a program of this package as a child that ends with this process, however that ends. */
export function startChild({ program, args, stdio, env, within = [] }: ChildOptions): ChildProcess {
  const options = nodeOptions(program);
  const node = [process.execPath, ...options, ...heapOptions(options), program, ...args];
  const [command, ...rest] = [...within, ...node] as [string, ...string[]];
  return spawn(command, rest, {
    stdio: [...stdio, 'ipc'] as StdioOptions,
    env: { ...process.env, ...env, [PARENT]: String(process.pid) },
  });
}

/** Options by which Node runs a text in place of a file; the text follows. */
const EVALUATE = ['-e', '--eval', '-p', '--print', '-pe'];

/** This process's own options of Node, and what runs TypeScript where the program is that and they do not do it. */
function nodeOptions(program: string): readonly string[] {
  const text = process.execArgv.findIndex((option) => EVALUATE.includes(option));
  const options = process.execArgv.filter(
    (option, i) => (text < 0 || (i !== text && i !== text + 1)) && !option.startsWith('--input-type'),
  );
  if (extname(program) !== '.ts' || options.some((option) => option.includes('tsx'))) return options;
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return [...options, '--conditions=source', '--import', tsx];
}
