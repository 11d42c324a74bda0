import { writeFile } from 'node:fs/promises';
import { BanyanError } from '../../error.ts';
import { loadPlugins } from '../../experiment/plugins/load.ts';
import { fileError } from '../../files/file-error.ts';
import { lookAtData } from './look.ts';
import { checkChoice, dataName, proposeInputs, proposeTargets } from './propose.ts';
import { experimentText } from './text.ts';

/** What is known already; the rest is asked for, or taken as it is proposed. */
export interface InitAnswers {
  readonly data?: string;
  readonly targets?: readonly string[];
  readonly inputs?: readonly string[];
  readonly out?: string;
}

/** Asks a person, and gives what was proposed for an empty answer. */
export type Ask = (question: string, proposed?: string) => Promise<string>;

/**
 * Writes an experiment for a file or folder. `ask`: undefined where nobody can be asked.
 * @returns the path of the experiment.
 * @throws BanyanError `argument` for what is missing or wrong, `data` for a file that cannot be read, `experiment` where it cannot be written.
 */
export async function init(answers: InitAnswers, ask?: Ask): Promise<string> {
  const path = answers.data ?? (await ask?.('Which file or folder holds the data?'));
  if (path === undefined || path === '') {
    throw new BanyanError(
      'argument',
      'init: expected a file of rows (CSV, JSON Lines, Parquet), or a folder of pictures or sounds, received none. Name it.',
    );
  }
  const look = await lookAtData(path);
  const choose = async (question: string, proposed: readonly string[]) =>
    ask === undefined ? proposed : listOf(await ask(question, proposed.join(', ')));
  const names = look.columns.map(({ name }) => name).join(', ');
  const targets =
    answers.targets ?? (await choose(`Columns: ${names}\nWhich are to be predicted?`, proposeTargets(look)));
  const inputs = answers.inputs ?? (await choose('Which are to be read?', proposeInputs(look, targets)));
  checkChoice(look, { targets, inputs });
  const proposed = `${dataName(path)}.yaml`;
  const out = answers.out ?? (await ask?.('Where to write the experiment?', proposed)) ?? proposed;
  const { tasks } = await loadPlugins([]);
  const taken = tasks.map(({ task }) => task.name);
  await writeFile(out, experimentText(look, { targets, inputs }, out, taken), { flag: 'wx' }).catch((error) => {
    if (error.code !== 'EEXIST') throw fileError('experiment', out, 'written', error);
    throw new BanyanError(
      'experiment',
      `${out} is there already, expected a new file. Remove it, or choose another by --out.`,
    );
  });
  return out;
}

const listOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
