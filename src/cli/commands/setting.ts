import { type Command, InvalidArgumentError } from 'commander';
import type { Settings } from '../../experiment/settings.ts';
import { wholeNumber, yaml } from './parse.ts';

/** What is set in the experiment of a command, as it was written. */
export interface SettingFlags {
  readonly set?: readonly string[];
  readonly steps?: number;
  readonly seed?: number;
  readonly batch?: number;
}

const EXPECTED = 'Expected key=value, such as training.steps=100.';

function parseSetting(text: string): readonly [key: string, value: unknown] {
  const sign = text.indexOf('=');
  const key = text.slice(0, Math.max(0, sign)).trim();
  if (!/^[^.\s]+(\.[^.\s]+)*$/.test(key)) throw new InvalidArgumentError(EXPECTED);
  return [key, yaml(text.slice(sign + 1), `${EXPECTED} The value of ${key}`)];
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  parseSetting(text);
  return [...before, text];
}

/** Adds the options of a command that takes an experiment, by which values in it are set. */
export const addSettingOptions = (command: Command): Command =>
  command
    .option('--set <key=value>', 'set a value of the experiment: training.clip=0.5; may be repeated', collect)
    .option('--steps <n>', 'updates: short for --set training.steps=<n>', wholeNumber())
    .option('--seed <n>', 'short for --set seed=<n>', wholeNumber(0))
    .option('--batch <n>', 'examples of each task in a step: short for --set training.batch=<n>', wholeNumber());

/** Gives what is set. */
export function settingsOf({ set = [], steps, seed, batch }: SettingFlags): Settings {
  const short = { 'training.steps': steps, seed, 'training.batch': batch };
  return Object.fromEntries([
    ...set.map(parseSetting),
    ...Object.entries(short).filter(([, value]) => value !== undefined),
  ]);
}

/** Says what is set as a shell takes it, with a space before it; nothing where nothing is. */
export function settingWords({ set = [], steps, seed, batch }: SettingFlags): string {
  const short = Object.entries({ steps, seed, batch }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${value}`],
  );
  return [...set.map((text) => `--set ${quoted(text)}`), ...short].map((words) => ` ${words}`).join('');
}

const quoted = (text: string): string =>
  /^[\w.,:=/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
