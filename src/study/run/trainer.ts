// One run of a study, as the work of a process of its own: trainer.ts train EXPERIMENT FOLDER, or trainer.ts resume FOLDER.
import { loadExperiment } from '../../experiment/load.ts';
import { failureText } from '../process/failure.ts';
import { collectSooner } from '../process/heap.ts';
import { endWithParent } from '../process/parent.ts';
import { assertNoRun, readRun } from './folder.ts';
import { FAILURE, performGuarded } from './guard.ts';
import type { RunEnding, RunOptions } from './run-event.ts';
import { openSession } from './session.ts';
import { resumeRun, startRun } from './start.ts';

endWithParent();
collectSooner();

/** Its plugins are those of the user's file: the folder is the study's own. */
async function perform(options: RunOptions): Promise<RunEnding> {
  const [, , command, source = '', folder = ''] = process.argv;
  if (command === 'resume') return resumeRun(await readRun(source), source, options);
  const loaded = await loadExperiment(source);
  await assertNoRun(folder);
  return startRun(await openSession(loaded), folder, options);
}

try {
  process.exitCode = await performGuarded(perform, {
    interrupted: (note) => process.stderr.write(`${note.interrupted}\n`),
  });
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exitCode = FAILURE;
}
