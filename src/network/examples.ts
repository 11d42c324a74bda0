import { BanyanError } from '../error.ts';
import type { Example, Source, SourceContext, Split } from '../task/source.ts';

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
