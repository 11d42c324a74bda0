import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';

/** Holds the number of the process that started this one, and with which it ends (`endWithParent`). */
export const PARENT = 'BANYAN_PARENT';

/** What a child tells its parent. */
export type ToParent =
  /** It answers signals from now on; `text` says what is safe and how to go on, should it not be able to. */
  | { readonly kind: 'standing'; readonly text: string }
  /** It has heard of a signal. */
  | { readonly kind: 'heard' };

/** What a parent tells its child: a signal that has come. */
export interface ToChild {
  readonly kind: 'signal';
  readonly signal: NodeJS.Signals;
}

/** Starts this same program once more, with other arguments, as a child that ends with this process, however that ends. */
export function startBanyan(args: readonly string[], stdio: readonly ('inherit' | 'ignore' | 'pipe')[]): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: [...stdio, 'ipc'] as StdioOptions,
    env: { ...process.env, [PARENT]: String(process.pid) },
  });
}
