import { type ParseArgsConfig, parseArgs } from 'node:util';

const OPTIONS = {
  full: { type: 'boolean', default: false },
  generated: { type: 'boolean', default: false },
  watch: { type: 'boolean', default: false },
  steps: { type: 'string' },
  seed: { type: 'string', default: '1' },
  only: { type: 'string' },
  out: { type: 'string', default: 'runs/challenge' },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

export const USAGE = `Usage: npm start -- [options]

Trains one network that identifies pictures, plays Space Invaders and listens to music, then adds a task of text in a
column of its own.

  --full         trains for twenty minutes in place of four
  --generated    uses generated data in place of the real sets
  --watch        serves a page on which people look while it trains
  --steps <n>    trains so many steps, however long they take
  --seed <n>     draws everything by this seed (default: 1)
  --only <tasks> trains some of the three, by their names: clothing,instruments
  --out <dir>    says where the network and what it reached go (default: runs/challenge)
  --help         prints this`;

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name}: expected a whole number from ${least} on, received "${text}".`);
}

/** What the command line asks for. @throws Error in a sentence, for people, for what it does not know. */
export function readOptions(args: readonly string[]) {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { steps, seed, only, ...others } = values;
  return {
    ...others,
    seed: wholeNumber('seed', seed, 0),
    steps: steps === undefined ? undefined : wholeNumber('steps', steps, 1),
    /** Names of tasks; all three where it is not given. */
    only: only?.split(','),
  };
}

/** The same for a program: prints the usage where it is asked for, or what is wrong, and ends the process. */
export function optionsOrExit(args: readonly string[]): ReturnType<typeof readOptions> {
  try {
    const options = readOptions(args);
    if (!options.help) return options;
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n\n${USAGE}\n`);
    process.exit(2);
  }
}
