import { stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { BanyanError } from '../../error.ts';
import { fileError } from '../../files/file-error.ts';
import type { LoadedExperiment } from '../load.ts';

/** How far a run's folder is trusted: its experiment may name plugins, and a plugin is code. */
export interface Trust {
  /** False: none of its plugins is imported. */
  readonly plugins: boolean;
  /** They are imported, whoever may have written them. */
  readonly trust?: true;
}

/** Asks a person, where there is one; undefined where there is none. */
export type Ask = (question: string) => Promise<boolean> | undefined;

/**
 * Gives a run that was read, with what its user lets it import. Where other users could have written its folder, a person is asked first.
 * @throws BanyanError `plugin` where nobody can be asked, or says no.
 */
export async function trusted(
  run: LoadedExperiment,
  folder: string,
  { plugins, trust }: Trust,
  ask: Ask = askOnTerminal,
): Promise<LoadedExperiment> {
  const named = run.experiment.plugins;
  if (named.length === 0) return run;
  if (!plugins) return { ...run, withoutPlugins: true };
  if (trust) return run;
  const whose = (await whoseText('folder', folder)) ?? (await whoseText('experiment.json', run.file));
  if (whose === undefined) return run;
  const list = named.map((plugin) => shownName(plugin, folder)).join(', ');
  if (await ask(`This imports ${list} for ${folder}, whose ${whose}: go on? [y/N] `)) return run;
  throw new BanyanError(
    'plugin',
    `${folder} imports ${list}, and its ${whose}: expected a run that only this user can write. Look at that code; then give --trust to import it, or --no-plugins to do without.`,
  );
}

/** Says who else than this user may have written it; undefined where only this user and the system's own may. */
async function whoseText(what: string, path: string): Promise<string | undefined> {
  const user = process.geteuid?.();
  // Windows has other rights.
  if (user === undefined) return undefined;
  const { uid, mode } = await stat(path).catch((cause) => {
    throw fileError('checkpoint', path, 'read', cause);
  });
  if (uid !== user && uid !== 0) return `${what} belongs to user ${uid}`;
  return mode & 0o002 ? `${what} can be written by every user` : undefined;
}

/** Names a file of the folder by its path in there; without what could make a terminal show something else. */
function shownName(plugin: string, folder: string): string {
  const path = isAbsolute(plugin) ? relative(folder, plugin) : '..';
  const name = path.startsWith('..') ? plugin : `./${path}`;
  return name.replace(/\p{C}/gu, '?');
}

const askOnTerminal: Ask = (question) => {
  if (!(process.stdin.isTTY && process.stderr.isTTY)) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((done) => {
    // Ctrl-C and Ctrl-D end the lines without one.
    lines.once('close', () => done(false));
    lines.question(question, (answer) => {
      done(/^y(es)?$/i.test(answer.trim()));
      lines.close();
    });
  });
};
