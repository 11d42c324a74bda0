import { BanyanError } from '../../error.ts';
import { show } from '../../show.ts';
import { blaming } from '../../task/blame.ts';
import type { Example, Source, SourceContext, Split } from '../../task/source.ts';

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
      `The source of task "${task}" was asked for ${indices.length} ${split} examples and gave ${count ?? show(examples)}. Expected ${count === undefined ? 'a list with ' : ''}one for each index. Make its read() return an example for each index that it is given.`,
    );
  }
  const list = examples as readonly unknown[];
  const bad = list.findIndex((example) => !hasInput(example));
  if (bad < 0) return list as readonly Example<unknown, unknown>[];
  throw new BanyanError(
    'data',
    `The source of task "${task}" gave ${show(list[bad])} as ${split} example ${indices[bad]}, expected { input, target }. Give the example an input, or leave it out.`,
  );
}

/** Says what a source does while it is read. */
export const readingText = (task: string, split: Split, indices: readonly number[]): string =>
  `The source of task "${task}": read() of ${split} ${listed(indices)}`;

/** Names as many of the examples as help to find one. */
function listed(indices: readonly number[]): string {
  if (indices.length === 1) return `example ${indices[0]}`;
  return `examples ${indices.slice(0, LISTED).join(', ')}${indices.length > LISTED ? ', …' : ''}`;
}

const hasInput = (example: unknown): boolean =>
  typeof example === 'object' && example !== null && (example as { input?: unknown }).input !== undefined;
