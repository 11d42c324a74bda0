import { isDeepStrictEqual } from 'node:util';
import { BanyanError, type Json } from 'banyan-ml';

/** Checks that a source's state was saved with these options. @throws BanyanError `checkpoint` where it was saved with others. */
export function assertSameOptions(task: string, before: Json | undefined, now: Json): void {
  // One that was saved before an option was compared says nothing of it.
  const said = Object.keys(before ?? {});
  const compared = Object.entries(now as object).filter(([name]) => said.includes(name));
  if (before !== undefined && isDeepStrictEqual(before, Object.fromEntries(compared))) return;
  const [saved, current] = [JSON.stringify(before), JSON.stringify(now)];
  throw new BanyanError(
    'checkpoint',
    `The source of task "${task}" was made with ${saved} when its state was saved, and now with ${current}. Expected the same. Set the options back, or train anew.`,
  );
}

/** Checks that there is a finite number for each action. @throws BanyanError `data` where there is not. */
export function assertScores(
  task: string,
  scores: unknown,
  actions: number,
  head: string,
): asserts scores is Float32Array {
  const count = scores instanceof Float32Array ? scores.length : undefined;
  if (count === actions) {
    const bad = (scores as Float32Array).findIndex((score) => !Number.isFinite(score));
    if (bad < 0) return;
    throw new BanyanError(
      'data',
      `The head of task "${task}" gave ${(scores as Float32Array)[bad]} for action ${bad}, expected finite numbers to choose by. Look for what makes its weights or its inputs infinite, or lower the learning rate.`,
    );
  }
  throw new BanyanError(
    'data',
    `The head of task "${task}" gave ${count === undefined ? 'none of the numbers that are needed' : `${count} numbers`} to choose from ${actions} actions. Expected the head ${head} with the environment's actions. Correct the task.`,
  );
}
