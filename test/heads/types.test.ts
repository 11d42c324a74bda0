import type { HeadFactory, Source, StemFactory } from 'banyan-ml';
import type { Classification } from 'banyan-ml/heads/vision';
import { describe, expectTypeOf, it } from 'vitest';

// Declarations alone: what is inferred where a task is defined. The compiler is the test.
declare const image: typeof import('banyan-ml/heads/vision').patchStem;
declare const token: typeof import('banyan-ml/heads/text').tokenStem;
declare const classifier: typeof import('banyan-ml/heads/text').classifier;
declare const define: typeof import('banyan-ml').defineTask;
declare const floats: Source<Float32Array, number>;
declare const strings: Source<string, number>;

describe('types of stems and heads', () => {
  it('fit sources of what they read', () => {
    const stems = (options: Parameters<typeof image>[0]) => {
      const ofFloats: StemFactory<Float32Array> = image(options);
      const ofBytes: StemFactory<Uint8Array> = image(options);
      return [ofFloats, ofBytes];
    };
    expectTypeOf(stems).toBeFunction();
    expectTypeOf<ReturnType<typeof token>>().toEqualTypeOf<StemFactory<string>>();
    expectTypeOf<ReturnType<typeof classifier>>().toExtend<
      HeadFactory<number, { class: number; probabilities: Float32Array }>
    >();
  });

  it('carry name, input and prediction into the task, and refuse a source that disagrees', () => {
    const stem = {} as ReturnType<typeof image>;
    const words = {} as ReturnType<typeof token>;
    const head = {} as ReturnType<typeof classifier>;
    const tasks = () => {
      const task = define({ name: 'bars', stem, head, source: floats });
      expectTypeOf(task.name).toEqualTypeOf<'bars'>();
      expectTypeOf(task.head).toExtend<unknown>();
      define({ name: 'deeds', stem: words, head, source: strings });
      // @ts-expect-error a stem of sentences and a source of numbers
      define({ name: 'wrong', stem: words, head, source: floats });
      // @ts-expect-error a stem of images and a source of sentences
      define({ name: 'wrong', stem, head, source: strings });
    };
    expectTypeOf(tasks).toBeFunction();
    expectTypeOf<Classification['label']>().toEqualTypeOf<string | undefined>();
  });
});
