import { BanyanError } from '../error.ts';
import type { CompileMode } from '../runtime/index.ts';
import type { Example, Source, SourceContext, Split } from '../task/source.ts';
import type { Network } from './network.ts';

/**
 * Reads examples and checks that as many came as were asked for. `task` names the source in the error.
 * @throws BanyanError `data`.
 */
export async function readExamples(
  task: string,
  source: Source<unknown, unknown>,
  split: Split,
  indices: readonly number[],
  context: SourceContext,
): Promise<readonly Example<unknown, unknown>[]> {
  const examples = await source.read(split, indices, context);
  if (examples.length === indices.length) return examples;
  throw new BanyanError(
    'data',
    `The source of task "${task}" was asked for ${indices.length} ${split} examples and gave ${examples.length}. Expected one for each index. Correct its read().`,
  );
}

/** What a source may use while the network is measured. */
export function measuringContext(network: Network, compile: CompileMode = 'auto'): SourceContext {
  return {
    step: 0,
    seed: 0,
    predict: async (task, inputs, { weights } = {}) => {
      if (weights !== undefined) throw onlyTraining(`predict with the snapshot "${weights}"`);
      return network.outputs(task, inputs, { compile });
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
