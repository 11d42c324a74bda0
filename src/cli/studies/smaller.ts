import type { Observable } from 'rxjs';
import type { SmallerEvent } from '../../study/smaller/options.ts';
import { smallerPaths } from '../../study/smaller/paths.ts';
import { smallerText } from '../../study/smaller/tables.ts';
import { showInProcess } from './in-process.ts';

/** How a command that makes smaller networks was written. */
interface SmallerPresentation {
  readonly json: boolean;
  /** Its words, without the folder. */
  readonly words: string;
}

/** Makes smaller networks, shows how it goes, and returns the exit code. A signal interrupts it, a second one ends it. */
export async function smallerCommand(
  begin: (signal: AbortSignal) => Observable<SmallerEvent>,
  { json, words }: SmallerPresentation,
): Promise<number> {
  return showInProcess(begin, {
    json,
    kept: 'finished networks',
    outcome: (_, { tasks }, stored) =>
      stored
        ? undefined
        : Object.entries(tasks)
            .map(([task, { metric, values }]) => `${task} ${metric} ${values.float32.toFixed(4)}`)
            .join(', '),
    goOn: (folder) => `Go on with: banyan ${words} --out ${folder}`,
    result: (result, folder) =>
      `${smallerText(result)}\n\nAll networks are in ${folder}, pictures in ${smallerPaths(folder).page}`,
  });
}
