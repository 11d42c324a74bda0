import { tellParent } from '../../study/process/parent.ts';
import { onInterrupt } from '../../study/process/signals.ts';
import { transferText } from '../../study/transfer/tables.ts';
import { type TransferOptions, transfer } from '../../study/transfer/transfer.ts';
import { INTERRUPTED, type StudyPresentation, showStudy } from './show.ts';

/** Performs the transfer experiment of a file, shows how it goes, and returns the exit code. A signal interrupts it, a second one ends it. */
export async function transferCommand(
  file: string,
  request: TransferOptions,
  { json, setting }: StudyPresentation,
): Promise<number> {
  const stopping = new AbortController();
  let release = () => {};
  const goOn = (folder: string) => `Go on with: banyan transfer ${file}${setting} --out ${folder}`;
  try {
    return await showStudy(transfer(file, { ...request, signal: stopping.signal }), {
      json,
      started: ({ folder, stored, runs }) => {
        // Until then there is nothing to go on with, and a signal ends the process as it ends any other.
        release = onInterrupt(
          () => stopping.abort(),
          () => process.exit(INTERRUPTED),
        );
        tellParent({ kind: 'safety', text: `Its finished runs are in ${folder}. ${goOn(folder)}` });
        return stored > 0 ? `going on in ${folder}: ${stored} of ${runs} runs are there` : undefined;
      },
      outcome: (_, { metric, test, seconds }, stored) =>
        stored ? undefined : `${metric} ${test.toFixed(3)}, ${seconds.toFixed(1)} s`,
      goOn,
      result: (result, folder) => `${transferText(result)}\n\nAll runs are in ${folder}`,
    });
  } finally {
    release();
  }
}
