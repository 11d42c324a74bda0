import { basename, extname } from 'node:path';
import { BanyanError } from '../../error.ts';
import { didYouMean, listed } from '../../nearest.ts';
import type { ColumnLook, DataLook } from './look.ts';

/** What is to be predicted is often called so. */
const TARGETS = /^(target|label|labels|class|category|y|outcome)$/i;

/** The columns of a file by what they are for. */
export interface Choice {
  readonly targets: readonly string[];
  readonly inputs: readonly string[];
}

/** Proposes what to predict: a column that is called so, else the last one. */
export function proposeTargets({ columns }: DataLook): readonly string[] {
  const usable = columns.filter(({ like }) => like !== 'splits' && like !== 'rows');
  const target = usable.find(({ name }) => TARGETS.test(name)) ?? usable.at(-1) ?? columns.at(-1);
  return target === undefined ? [] : [target.name];
}

/** Proposes what to read: all other columns but those that number the rows, or say their split. */
export const proposeInputs = ({ columns }: DataLook, targets: readonly string[]): readonly string[] =>
  columns
    .filter(({ name, like }) => !targets.includes(name) && like !== 'splits' && like !== 'rows')
    .map(({ name }) => name);

/** @throws BanyanError `argument` for a column that there is not, for none, and for one that is read and predicted. */
export function checkChoice({ path, columns }: DataLook, { targets, inputs }: Choice): void {
  const names = columns.map(({ name }) => name);
  for (const [what, chosen] of Object.entries({ 'to predict': targets, 'to read': inputs })) {
    if (chosen.length === 0) throw fault(`no column ${what}, expected some of: ${listed(names)}. Name one.`);
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw fault(
        `${path} has no column "${unknown}" ${what}. Expected some of: ${listed(names)}. ${didYouMean(unknown, names, 'Correct the name.')}`,
      );
    }
  }
  const both = targets.find((name) => inputs.includes(name));
  if (both === undefined) return;
  throw fault(
    `"${both}" is to be read and to be predicted, expected one of both. Leave it out of the columns to read.`,
  );
}

const fault = (text: string) => new BanyanError('argument', `init: ${text}`);

/** Names data after its file: letters, digits, "-" and "_". */
export function dataName(path: string): string {
  const plain = basename(path).replace(/\.gz$/i, '');
  return usable(plain.slice(0, plain.length - extname(plain).length), 'rows');
}

/** Names a task after its column, otherwise than those that are there already. */
export function taskName(column: string, taken: readonly string[]): string {
  const name = usable(column, 'task');
  return taken.includes(name) ? taskName(`${name}-of-file`, taken) : name;
}

function usable(text: string, otherwise: string): string {
  const plain = text.replace(/[^\w-]+/g, '-').replace(/^[^A-Za-z]+|-+$/g, '');
  return plain === '' ? otherwise : plain;
}

/** Chooses a trunk: attention where there are texts, pictures or sounds, with a decoder where texts are to be written. */
export function proposeTrunk({ isFolder, columns }: DataLook, { targets, inputs }: Choice): object {
  const hasTexts = (names: readonly string[]) => columns.some(isText(names));
  if (hasTexts(targets)) return { kind: 'transformer', width: 64, depth: 2, heads: 4, decoder: 1 };
  if (isFolder || hasTexts(inputs)) return { kind: 'transformer', width: 64, depth: 2, heads: 4 };
  return { kind: 'dense', width: 64, depth: 2 };
}

const isText =
  (names: readonly string[]) =>
  ({ name, like }: ColumnLook) =>
    like === 'texts' && names.includes(name);
