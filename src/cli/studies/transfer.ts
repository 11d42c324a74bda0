import { transferText } from '../../study/transfer/tables.ts';
import { type TransferOptions, transfer } from '../../study/transfer/transfer.ts';
import { showInProcess } from './in-process.ts';
import type { StudyPresentation } from './show.ts';

/** Performs the transfer experiment of a file, shows how it goes, and returns the exit code. A signal interrupts it, a second one ends it. */
export async function transferCommand(
  file: string,
  request: TransferOptions,
  { json, setting }: StudyPresentation,
): Promise<number> {
  const goOn = (folder: string) => `Go on with: banyan transfer ${file}${setting} --out ${folder}`;
  return showInProcess((signal) => transfer(file, { ...request, signal }), {
    json,
    kept: 'finished runs',
    outcome: (_, { metric, test, seconds }, stored) =>
      stored ? undefined : `${metric} ${test.toFixed(3)}, ${seconds.toFixed(1)} s`,
    goOn,
    result: (result, folder) => `${transferText(result)}\n\nAll runs are in ${folder}`,
  });
}
