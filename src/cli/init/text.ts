import { dirname, relative, resolve, sep } from 'node:path';
import { stringify } from 'yaml';
import type { DataLook } from './look.ts';
import { type Choice, dataName, proposeTrunk, taskName } from './propose.ts';

/** In one line, as a section of an experiment is written. */
const inline = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trimEnd();

/**
 * Writes the text of an experiment that learns the targets of a file together. `out`: the file that it is for, from which paths begin;
 * `taken`: names of tasks that there are.
 */
export function experimentText(look: DataLook, choice: Choice, out: string, taken: readonly string[]): string {
  const path = relative(dirname(resolve(out)), resolve(look.path))
    .split(sep)
    .join('/');
  const name = dataName(look.path);
  const split = look.columns.find(({ like, name: column }) => like === 'splits' && !isChosen(choice, column));
  const data = {
    ...(look.isFolder ? { folder: path } : { file: path }),
    split: split === undefined ? { test: 0.2, validation: 0.1, seed: 1 } : { column: split.name },
  };
  const names: string[] = [];
  const tasks = choice.targets.map((target) => {
    const task = taskName(target, [...taken, ...names]);
    names.push(task);
    return `  ${task}: ${inline({ data: name, inputs: choice.inputs, target })}`;
  });
  return [
    `# npx banyan train ${out}`,
    'data:',
    `  ${name}: ${inline(data)}`,
    `trunk: ${inline(proposeTrunk(look, choice))}`,
    'tasks:',
    ...tasks,
    // A column of splits may have no validation rows to measure on the way.
    `training: ${inline({ steps: 500, batch: 32, ...(split === undefined ? { evaluateEvery: 100 } : {}) })}`,
    '',
  ].join('\n');
}

const isChosen = ({ targets, inputs }: Choice, column: string): boolean =>
  targets.includes(column) || inputs.includes(column);
