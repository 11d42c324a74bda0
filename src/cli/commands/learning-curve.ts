import type { Command } from 'commander';
import { doneInChild } from '../process/supervise.ts';
import { finiteNumber, shares, wholeNumber } from './parse.ts';
import { addSettingOptions, type SettingFlags, settingsOf, settingWords } from './setting.ts';

interface LearningCurveFlags extends SettingFlags {
  readonly task: string;
  readonly fractions?: readonly number[];
  readonly seeds: number;
  readonly target?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function addLearningCurve(program: Command): void {
  const command = program
    .command('learning-curve')
    .description('measure how many examples a task still needs, and what training together is worth in examples')
    .argument('<experiment>', 'the file')
    .requiredOption('--task <name>', 'the task whose training examples are cut')
    .option('--fractions <parts>', 'of them, separated by commas (default: 0.0625,0.125,0.25,0.5,1)', shares)
    .option('--seeds <n>', 'how many, from the seed of the experiment', wholeNumber(2), 3)
    .option('--target <value>', 'of its first metric: how many examples lead there', finiteNumber)
    .option('--out <dir>', 'folder of the curve (default: the first free runs/<name>-<n>); goes on with what is there')
    .option('--json', 'the result as JSON');
  addSettingOptions(command).action(async (file: string, flags: LearningCurveFlags) => {
    if (await doneInChild()) return;
    const { task, fractions, seeds, target, out, json = false } = flags;
    const { learningCurveCommand } = await import('../studies/learning-curve.ts');
    const request = {
      task,
      seeds,
      ...(fractions === undefined ? {} : { fractions }),
      ...(target === undefined ? {} : { target }),
      ...(out === undefined ? {} : { out }),
      set: settingsOf(flags),
    };
    const words = [
      ` --task ${task}`,
      ...(fractions === undefined ? [] : [` --fractions ${fractions.join(',')}`]),
      ` --seeds ${seeds}`,
      ...(target === undefined ? [] : [` --target ${target}`]),
      settingWords(flags),
    ];
    process.exitCode = await learningCurveCommand(file, request, { json, setting: words.join('') });
  });
}
