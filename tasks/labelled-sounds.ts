import { join } from 'node:path';
import { BanyanError } from 'banyan-ml';
import { readCsv, readWav, type Source, type Split, type StoredSet, storedSource } from 'banyan-ml/data';
import { countsOf } from './counts.ts';

/** A folder of WAV files with a `labels.csv` that has a row for each. */
export interface LabelledSounds<Column extends string> {
  readonly folder: string;
  readonly licence: string;
  readonly description: string;
  /** Samples a second that every file must have. */
  readonly sampleRate: number;
  readonly classes: readonly string[];
  /** The column that holds the class. */
  readonly label: Column;
  /** The columns that `split` looks at. */
  readonly columns: readonly Column[];
  /** Which split a row belongs to; undefined where the row makes no sense. */
  split(row: Readonly<Record<Column, string>>): Split | undefined;
}

/** Samples in [-1, 1), each file read when it is asked for. */
export function labelledSounds<const Column extends string>(set: LabelledSounds<Column>): Source<Float32Array, number> {
  const { folder, licence, description } = set;
  return storedSource({ folder, facts: { licence, description }, open: (path) => open(path, set) });
}

interface Sound {
  readonly file: string;
  readonly target: number;
}

function open<Column extends string>(folder: string, set: LabelledSounds<Column>): StoredSet<Float32Array, number> {
  const table = join(folder, 'labels.csv');
  const splits: Record<Split, Sound[]> = { training: [], validation: [], test: [] };
  for (const { line, values } of readCsv<Column | 'file'>(table, { columns: ['file', set.label, ...set.columns] })) {
    const target = set.classes.indexOf(values[set.label]);
    if (target === -1) {
      throw new BanyanError(
        'data',
        `${table}, line ${line}: expected a ${set.label} among ${set.classes.join(', ')}, received "${values[set.label]}". Correct the row.`,
      );
    }
    const split = set.split(values);
    if (split === undefined) {
      const received = set.columns.map((column) => `${column} "${values[column]}"`).join(', ');
      throw new BanyanError(
        'data',
        `${table}, line ${line}: expected whole numbers >= 0 to tell the split from, received ${received}. Correct the row.`,
      );
    }
    splits[split].push({ file: join(folder, values.file), target });
  }
  for (const split of ['training', 'test'] as const) {
    if (splits[split].length === 0) {
      throw new BanyanError(
        'data',
        `${table}: expected rows of the ${split} split, received none. Fetch the whole set again.`,
      );
    }
  }
  return {
    counts: countsOf(splits),
    strata: (split) => splits[split].map(({ target }) => target),
    example: (split, index) => {
      const { file, target } = splits[split][index]!;
      const { samples, sampleRate } = readWav(file);
      if (sampleRate !== set.sampleRate) {
        throw new BanyanError(
          'data',
          `${file}, byte 24: expected ${set.sampleRate} samples a second, received ${sampleRate}. Convert the file.`,
        );
      }
      return { input: samples, target };
    },
  };
}

/** A field as a whole number >= 0, or undefined. */
export const whole = (field: string): number | undefined => (/^\d+$/.test(field) ? Number(field) : undefined);
