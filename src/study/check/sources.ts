import { partOf } from '../../network/index.ts';
import type { AnyTask, Example, Source, SourceContext, Split } from '../../task/index.ts';
import { beginSource } from '../../train/index.ts';

type AnySource = Source<unknown, unknown>;

/** Wraps the sources of tasks; tasks that share a source go on sharing one. */
export function withSources(tasks: readonly AnyTask[], wrap: (source: AnySource) => AnySource): readonly AnyTask[] {
  const wrapped = new Map<AnySource, AnySource>();
  return tasks.map((task) => {
    const source = task.source as AnySource;
    if (!wrapped.has(source)) {
      // An earlier check may have read it: a wrapper has no state of its own.
      beginSource(source);
      wrapped.set(source, wrap(source));
    }
    return { ...task, source: wrapped.get(source)! };
  });
}

/** Makes a source of the same examples with at most `most` examples to evaluate on. */
export function shortEvaluation(source: AnySource, most: number): AnySource {
  return {
    ...(source.lockStep === undefined ? {} : { lockStep: source.lockStep }),
    // Counts are known once the source is open.
    get counts() {
      const { training, validation, test } = source.counts;
      return { training, validation: Math.min(most, validation), test: Math.min(most, test) };
    },
    open: async () => source.open?.(),
    read: (split, indices, context) => source.read(split, indices, context),
  };
}

/** Makes a source of the same `most` training examples over and over, drawn from all of them, to train on and to evaluate on. */
export function sameExamples(source: AnySource, most: number): AnySource {
  let examples: readonly Example<unknown, unknown>[] | undefined;
  const count = () => Math.min(most, source.counts.training);
  return {
    ...(source.lockStep === undefined ? {} : { lockStep: source.lockStep }),
    get counts() {
      return { training: count(), validation: count(), test: 0 };
    },
    open: async () => source.open?.(),
    read: async (_split: Split, indices: readonly number[], context: SourceContext) => {
      examples ??= await source.read(
        'training',
        Array.from({ length: count() }, (_, i) => i).map(partOf(source, 'training', count())),
        context,
      );
      return indices.map((index) => examples![index % examples!.length]!);
    },
  };
}
