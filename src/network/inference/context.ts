import { BanyanError } from '../../error.ts';
import type { CompileMode, Computation } from '../../runtime/index.ts';
import { NO_NETWORK, type SourceContext } from '../../task/source.ts';
import type { NetworkBody } from '../assembly/body.ts';
import { outputsOf } from './outputs.ts';

/** Gives what a source may use while a network is measured, until the signal is aborted. The caller retains the network. `instead`:
 * weights in place of the network's. */
export function measuringContext(
  body: NetworkBody,
  compile: CompileMode = 'auto',
  signal?: AbortSignal,
  instead?: Computation['instead'],
): SourceContext {
  return {
    step: 0,
    seed: 0,
    signal: signal ?? NO_NETWORK.signal,
    predict: async (task, inputs, { weights } = {}) => {
      if (weights !== undefined) throw onlyTraining(`predict with the snapshot "${weights}"`);
      signal?.throwIfAborted();
      return outputsOf(body, body.task(task), inputs, {
        compile,
        ...(instead === undefined ? {} : { instead }),
      });
    },
    snapshot: async (name) => {
      throw onlyTraining(`snapshot "${name}"`);
    },
  };
}

const onlyTraining = (what: string) =>
  new BanyanError(
    'data',
    `A source asked for ${what} while the network is measured. Expected the current weights: snapshots belong to a training. Read other splits than training without them.`,
  );
