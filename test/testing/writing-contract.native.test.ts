import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { HeadContext, HeadFactory } from '../../src/index.ts';
import { headContract, runHeadContract, writingHeadContract } from '../../src/testing/index.ts';
import { digitWriter, END } from '../network/writers.ts';

const targets = [[1, 2, 3], [4], [2, 2, 5, 1, 3]];
type Writer = ReturnType<ReturnType<typeof digitWriter>>;

/** The writer of digits with something else in it. */
const writerWith =
  (change: (head: Writer, context: HeadContext) => object): HeadFactory<unknown, unknown> =>
  (context) => {
    const head = digitWriter()(context);
    return { ...head, ...change(head, context) } as never;
  };

const clauseOf = (name: string) => writingHeadContract.clauses.find((clause) => clause.name === name)!;
const check = (name: string, factory: HeadFactory<unknown, unknown>) => clauseOf(name).check({ factory, targets });
const preparing = (prepare: (digits: readonly number[]) => Int32Array) =>
  writerWith(({ target }) => ({ target: { ...target, prepare } }));
const embedding = (embed: (tokens: tf.Tensor3D, call: { past?: { at: tf.Scalar } }) => tf.Tensor) =>
  writerWith(({ writes }) => ({
    writes: { ...writes, embed: (symbols: tf.Tensor2D, call: object) => embed(writes.embed(symbols), call) },
  }));

describe('the contract of heads that write', () => {
  it('passes what keeps it, and is the one that such a head is held to', async () => {
    await runHeadContract(digitWriter() as never, { targets });
    const names = writingHeadContract.clauses.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('computes the same in a graph');
    await expect(
      runHeadContract(
        preparing((digits) => Int32Array.from(digits)),
        { targets },
      ),
    ).rejects.toThrow('The head has labels of symbols without padding, and one end: ');
    await expect(writingHeadContract.clauses[0]!.check({ factory: wordless, targets })).rejects.toThrow(
      'writes must be there: a head without it keeps headContract',
    );
    expect(headContract.clauses.length).toBeGreaterThan(3);
  });

  const wordless = writerWith(() => ({ writes: undefined }));

  it.each<[clause: string, message: string, breaking: HeadFactory<unknown, unknown>]>([
    [
      'has labels of symbols without padding, and one end',
      'a label must end with 6 and have it once, received [1, 2, 3]',
      preparing((digits) => Int32Array.from(digits)),
    ],
    [
      'has labels of symbols without padding, and one end',
      'a label must hold symbols, whole numbers >= 1, since 0 is padding, received [0, 1, 2, 6]',
      preparing((digits) => Int32Array.from([...digits.map((digit) => digit - 1), END])),
    ],
    [
      'scores every symbol of its labels at each position',
      'there must be a score for symbol 6, received 6 scores',
      writerWith(({ forward }) => ({
        forward: (tokens: tf.Tensor3D) => forward(tokens).slice([0, 0, 0], [-1, -1, END]),
      })),
    ],
    [
      'gives one finite loss a sample',
      'losses must be finite, received NaN',
      writerWith(({ loss }) => ({ loss: (o: unknown, t: tf.Tensor) => loss(o, t).mul(-1).sub(1).log() })),
    ],
    [
      'makes a valid neutral label of a missing one',
      'the loss of a missing label must be finite',
      writerWith(({ loss }) => ({
        loss: (o: unknown, t: tf.Tensor) => loss(o, t).div(t.greater(0).cast('float32').sum(1)),
      })),
    ],
    [
      'judges each sample by itself',
      'must not depend on the others',
      writerWith(({ loss }) => ({ loss: (o: unknown, t: tf.Tensor) => loss(o, t).add(loss(o, t).mean()) })),
    ],
    [
      'ignores what comes after the end',
      'the loss must not depend on scores after the end',
      writerWith(({ loss }) => ({ loss: (o: tf.Tensor, t: tf.Tensor) => loss(o, t).add(o.square().mean([1, 2])) })),
    ],
    [
      'ignores what comes after the end',
      'the loss must not depend on how far a label is padded',
      writerWith(({ loss }) => ({ loss: (o: unknown, t: tf.Tensor) => loss(o, t).div(t.shape[1]!) })),
    ],
    [
      'writes position by position as where all are there',
      'scores position by position must be those of all positions at once, within 0.00001',
      // Numbers the positions of what it is given, whichever stands there.
      embedding((tokens) => {
        const [, positions, width] = tokens.shape;
        const places = tf.outerProduct(tf.range(0, positions), tf.range(0, width).sin()); // [positions, width]
        return tokens.add(places);
      }),
    ],
    [
      'writes position by position as where all are there',
      'scores position by position must be those of all positions at once, within 0.00001',
      // Looks at all that is written, in `forward`.
      writerWith(({ forward }) => ({ forward: (tokens: tf.Tensor3D) => forward(tokens.add(tokens.mean(1, true))) })),
    ],
    [
      'learns its embedding: the loss has a gradient there',
      'writes.embed must depend on weights of the head, so that they are learned',
      embedding((tokens) => tf.zeros(tokens.shape)),
    ],
    [
      'learns its embedding: the loss has a gradient there',
      'the gradient of the loss must reach head/contract/embedding',
      embedding((tokens) => tf.zerosLike(tokens)),
    ],
    [
      'decodes, explains and measures what it writes',
      'Reduce of empty array',
      writerWith(() => ({ decode: (symbols: Float32Array) => [[...symbols].reduce((a, b) => a + b)] })),
    ],
    [
      'learns: a few steps lower its loss',
      'a few steps must lower the loss',
      writerWith(({ loss }) => ({ loss: (o: tf.Tensor, t: tf.Tensor) => loss(tf.zerosLike(o).add(o.mul(1e-12)), t) })),
    ],
  ])('catches what breaks "%s": %s', async (clause, message, breaking) => {
    await expect(check(clause, breaking)).rejects.toThrow(`The head ${clause}: `);
    await expect(check(clause, breaking)).rejects.toThrow(message);
  });

  it('catches a graph that computes something else, and a saved head that forgets', async () => {
    let calls = 0;
    const counting = writerWith(({ forward }) => ({ forward: (tokens: tf.Tensor3D) => forward(tokens).mul(++calls) }));
    await expect(check('computes the same in a graph', counting)).rejects.toThrow(
      'The head computes the same in a graph: ',
    );
    let built = 0;
    const forgetful = writerWith(({ forward }) => {
      const favourite = tf.tidy(() =>
        tf
          .oneHot(tf.tensor1d([1 + (built++ % 5)], 'int32'), 7)
          .mul(1e3)
          .arraySync(),
      );
      return { forward: (tokens: tf.Tensor3D) => forward(tokens).add(tf.tensor(favourite as number[][])) };
    });
    await expect(check('survives save and load', forgetful)).rejects.toThrow(
      'The head survives save and load: a loaded network must predict the same to the bit',
    );
  });
});
