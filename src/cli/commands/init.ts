import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { BanyanError } from '../../error.ts';
import type { Ask } from '../init/init.ts';
import { names } from './parse.ts';

interface InitFlags {
  readonly target?: readonly string[];
  readonly inputs?: readonly string[];
  readonly out?: string;
  readonly yes?: true;
}

export function addInit(program: Command): void {
  program
    .command('init')
    .description('write an experiment for a file or folder of your own, after four questions')
    .argument('[data]', 'a file of rows (CSV, JSON Lines, Parquet), or a folder of pictures or sounds')
    .option('--target <columns>', 'what is to be predicted, separated by commas', names)
    .option('--inputs <columns>', 'what is to be read (default: all other columns that say something)', names)
    .option('--out <file>', 'the experiment (default: named after the data)')
    .option('--yes', 'ask nothing, and take what is proposed')
    .action(async (data: string | undefined, { target, inputs, out, yes }: InitFlags) => {
      const { init } = await import('../init/init.ts');
      const answers = {
        ...(data === undefined ? {} : { data }),
        ...(target === undefined ? {} : { targets: target }),
        ...(inputs === undefined ? {} : { inputs }),
        ...(out === undefined ? {} : { out }),
      };
      const asks = !yes && process.stdin.isTTY === true;
      const written = asks ? await asking((ask) => init(answers, ask)) : await init(answers);
      process.stdout.write(`Wrote ${written}. Train it by: npx banyan train ${written}\n`);
    });
}

/** Does what asks questions of whoever sits at the terminal. */
async function asking<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const left = new Promise<never>((_, fail) => {
    terminal.once('close', () =>
      fail(new BanyanError('argument', 'init: a question was left without an answer. Answer it, or begin with --yes.')),
    );
  });
  left.catch(() => {}); // It is closed at the end of all questions too.
  try {
    return await work(async (question, proposed) => {
      const words = `${question}${proposed === undefined ? '' : ` [${proposed}]`} `;
      const answer = await Promise.race([terminal.question(words), left]);
      return answer.trim() === '' ? (proposed ?? '') : answer.trim();
    });
  } finally {
    terminal.close();
  }
}
