import type { ClusterOptions } from '../../cluster/index.ts';
import type { LoadedExperiment } from '../../experiment/load.ts';
import { readResult } from '../../study/run/result.ts';
import type { RunOptions } from '../../study/run/run-event.ts';
import { resumeRun } from '../../study/run/start.ts';
import { performRun } from './perform.ts';

/** How a run is gone on with. */
interface Going extends Pick<RunOptions, 'resize' | 'watch'> {
  readonly json: boolean;
  readonly cluster?: ClusterOptions | undefined;
}

/** Goes on with the run in a folder, and returns the exit code; one that is complete is told of. */
export async function goOn(
  loaded: LoadedExperiment,
  folder: string,
  { json, cluster, resize, watch }: Going,
): Promise<number> {
  const tellResult = async () => {
    const result = await readResult(folder);
    if (result === undefined) return false;
    const { metrics, steps } = result;
    const text = `The run in ${folder} is complete: ${steps} steps.`;
    process.stdout.write(`${json ? JSON.stringify({ kind: 'result', folder, metrics }) : text}\n`);
    return true;
  };
  // A complete run is not written to any more: it may lie where this user cannot.
  if (await tellResult()) return 0;
  return performRun(
    async (options) => {
      const ending = await resumeRun(loaded, folder, {
        ...options,
        ...(watch && { watch }),
        ...(cluster && { cluster }),
        ...(resize && { resize }),
      });
      if (ending === 'complete') await tellResult();
      return ending;
    },
    { json },
  );
}
