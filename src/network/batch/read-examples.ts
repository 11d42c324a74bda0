import { BanyanError } from '../../error.ts';
import type { CompileMode } from '../../runtime/index.ts';
import { show } from '../../show.ts';
import { blaming } from '../../task/blame.ts';
import { type Example, NO_NETWORK, type Source, type SourceContext, type Split } from '../../task/source.ts';
import { outputsOf } from '../inference/outputs.ts';
import type { Network } from '../network.ts';

const LISTED = 8;

/**
 * Reads examples and checks that they are examples, as many as were asked for. `task` names the source in the error.
 * @throws BanyanError `data`.
 */
export async function readExamples(
  task: string,
  source: Source<unknown, unknown>,
  split: Split,
  indices: readonly number[],
  context: SourceContext,
): Promise<readonly Example<unknown, unknown>[]> {
  const examples: unknown = await blaming(readingText(task, split, indices), 'examples', () =>
    source.read(split, indices, context),
  );
  const count = Array.isArray(examples) ? examples.length : undefined;
  if (count !== indices.length) {
    throw new BanyanError(
      'data',
      `The source of task "${task}" was asked for ${indices.length} ${split} examples and gave ${count ?? show(examples)}. Expected ${count === undefined ? 'a list with ' : ''}one for each index. Correct its read().`,
    );
  }
  const read = examples as readonly unknown[];
  const bad = read.findIndex((example) => !hasInput(example));
  if (bad < 0) return read as readonly Example<unknown, unknown>[];
  throw new BanyanError(
    'data',
    `The source of task "${task}" gave ${show(read[bad])} as ${split} example ${indices[bad]}, expected { input, target }. Give the example an input, or leave it out.`,
  );
}

/** What a source is doing while it is read. */
export const readingText = (task: string, split: Split, indices: readonly number[]): string =>
  `The source of task "${task}": read() of ${split} ${listed(indices)}`;

/** As many of the numbers as help to find one. */
function listed(indices: readonly number[]): string {
  if (indices.length === 1) return `example ${indices[0]}`;
  return `examples ${indices.slice(0, LISTED).join(', ')}${indices.length > LISTED ? ', …' : ''}`;
}

/** What a source is doing while it is opened. */
export const openingText = (task: string): string => `The source of task "${task}": open()`;

/** Opens a source. `task` names it in the error. */
export const openSource = (task: string, source: Source<unknown, unknown>): Promise<void> =>
  blaming(openingText(task), 'to find its data', async () => source.open?.());

const hasInput = (example: unknown): boolean =>
  typeof example === 'object' && example !== null && (example as { input?: unknown }).input !== undefined;

/** What a source may use while the network is measured, until the signal is aborted. The caller holds the network. */
export function measuringContext(network: Network, compile: CompileMode = 'auto', signal?: AbortSignal): SourceContext {
  return {
    step: 0,
    seed: 0,
    signal: signal ?? NO_NETWORK.signal,
    predict: async (task, inputs, { weights } = {}) => {
      if (weights !== undefined) throw onlyTraining(`predict with the snapshot "${weights}"`);
      signal?.throwIfAborted();
      return outputsOf(network.body, network.body.task(task), inputs, { compile });
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
