#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { BanyanError } from '../error.ts';
import { endWithParent } from '../study/process/parent.ts';
import { LOST } from '../study/run/guard.ts';
import { addAddColumn } from './commands/add-column.ts';
import { addBench } from './commands/bench.ts';
import { addCompare } from './commands/compare.ts';
import { addDistil } from './commands/distil.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvaluate } from './commands/evaluate.ts';
import { addExplain } from './commands/explain.ts';
import { addExport } from './commands/export.ts';
import { addInit } from './commands/init.ts';
import { addInspect } from './commands/inspect.ts';
import { addKindsHelp } from './commands/kinds-help.ts';
import { addLearningCurve } from './commands/learning-curve.ts';
import { addPredict } from './commands/predict.ts';
import { addPrune } from './commands/prune.ts';
import { addResume } from './commands/resume.ts';
import { addSchema } from './commands/schema.ts';
import { addSearch } from './commands/search.ts';
import { addServe } from './commands/serve.ts';
import { addSetup } from './commands/setup.ts';
import { addTasks } from './commands/tasks.ts';
import { addTrain } from './commands/train.ts';
import { addTransfer } from './commands/transfer.ts';
import { addVerify } from './commands/verify.ts';
import { failureText } from './failure.ts';
import { watchOutput } from './output.ts';

const FAILURE = 1;
const USAGE = 2;

endWithParent();

const { version } = createRequire(import.meta.url)('banyan-ml/package.json') as { version: string };

const program = new Command('banyan')
  .description('Multi-task learning: one shared trunk, many task heads, trained jointly.')
  .version(version)
  .showHelpAfterError('See `banyan --help`.')
  .exitOverride();
for (const add of [
  addDoctor,
  addSetup,
  addInit,
  addTasks,
  addSchema,
  addTrain,
  addResume,
  addAddColumn,
  addEvaluate,
  addPredict,
  addInspect,
  addExplain,
  addPrune,
  addDistil,
  addExport,
  addServe,
  addVerify,
  addTransfer,
  addCompare,
  addSearch,
  addLearningCurve,
  addBench,
])
  add(program);

watchOutput();

try {
  await addKindsHelp(program, process.argv);
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  } else {
    process.stderr.write(`${failureText(error)}\n`);
    // TensorFlow may go on waiting for a worker, and would keep the process.
    if (error instanceof BanyanError && error.code === 'cluster') process.exit(LOST);
    process.exitCode = FAILURE;
  }
}
