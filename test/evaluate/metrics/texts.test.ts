import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bleu,
  bracketF1,
  characterErrorRate,
  errorRate,
  exactMatch,
  spanF1,
  wordErrorRate,
} from '../../../src/evaluate/index.ts';
import { mteval13a } from '../../../src/evaluate/metrics/mteval-13a.ts';
import type { Metric } from '../../../src/task/contract.ts';

function measured(metric: Metric, targets: readonly unknown[], predictions: readonly unknown[]): number {
  metric.reset();
  for (const [i, target] of targets.entries()) metric.update(target, predictions[i]);
  return metric.result();
}

describe('wordErrorRate and characterErrorRate', () => {
  it('count words between any spaces, and code points', () => {
    expect(measured(wordErrorRate(), ['a  b\nc'], [{ text: ' a c ' }])).toBeCloseTo(1 / 3, 12);
    expect(measured(characterErrorRate(), ['👍b'], ['b'])).toBe(0.5);
  });

  it('are not finite where there was nothing to be written', () => {
    for (const make of [wordErrorRate, characterErrorRate]) {
      expect(measured(make(), [''], [''])).toBeNaN();
      expect(measured(make(), [''], ['a'])).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it('refuse what is no text', () => {
    expect(() => wordErrorRate().update('a', ['a'] as never)).toThrow(
      'word-error-rate was given ["a"], expected a text, or a prediction with a text. Use it for a head that writes.',
    );
    expect(() => characterErrorRate().update(3 as never, 'a')).toThrow('character-error-rate was given 3, expected');
  });

  const words = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 });
  it('are the error rate of words and of characters', () => {
    fc.assert(
      fc.property(words, words, (target, prediction) => {
        const texts = [[target.join(' ')], [prediction.join(' ')]] as const;
        expect(measured(wordErrorRate(), ...texts)).toBe(measured(errorRate(), [target], [prediction]));
        expect(measured(characterErrorRate(), ...texts)).toBe(
          measured(errorRate(), [[...texts[0][0]!]], [[...texts[1][0]!]]),
        );
      }),
    );
  });
});

describe('bleu', () => {
  // sacrebleu 2.6.0: corpus_bleu(predictions, [targets], smooth_method='none', tokenize='none').score / 100.
  const targets = [
    'the cat is on the mat',
    'there is a cat on the mat',
    'he read the book because he was interested in world history',
  ];
  const predictions = [
    'the the cat is on the mat',
    'there is the cat on mat',
    'he was interested in world history because he read the book',
  ];

  it('is that of sacrebleu, over all texts together', () => {
    expect(measured(bleu(), targets, predictions)).toBeCloseTo(0.659610999966415, 10);
    expect(measured(bleu(), targets.slice(0, 1), predictions.slice(0, 1))).toBeCloseTo(0.8091067115702206, 10);
    expect(measured(bleu(), ['a b c d e f g'], ['a b c d e'])).toBeCloseTo(0.6703200460356397, 10);
  });

  it('is 1 for the target, 0 without four words in a row, and NaN for nothing', () => {
    expect(measured(bleu(), targets, targets)).toBe(1);
    expect(measured(bleu(), ['a b c'], ['a b c'])).toBe(0);
    expect(measured(bleu(), ['a b c d'], [''])).toBe(0);
    expect(bleu().result()).toBeNaN();
    // Words, not their letters, are compared.
    expect(measured(bleu(), [['a b', 'c', 'd', 'e']], [['a', 'b c', 'd', 'e']])).toBe(0);
  });
});

describe('bleu of 13a, with exponential smoothing', () => {
  const make = () => bleu({ words: '13a', smoothing: 'exponential' });

  // sacrebleu 2.6.0: corpus_bleu(predictions, references).score / 100.
  it('is what sacrebleu computes by itself, of several references', () => {
    const targets = [
      { texts: ['a cat sat on the mat .', 'the cat is sitting on a mat .'] },
      { texts: ['i do not know it .', "i don't know that ."] },
      { texts: ['he paid 3.5 dollars, or 4,000, maybe.'] },
      { texts: ['yes .', 'of course .'] },
    ];
    const predictions = [
      'the cat sat on the mat .',
      "i don't know it",
      'he paid 3.5 dollars (or 4,000) - maybe',
      'yes',
    ];
    expect(measured(make(), targets, predictions)).toBeCloseTo(0.5027710155236287, 10);
    expect(measured(make(), targets.slice(1, 2), predictions.slice(1, 2))).toBeCloseTo(0.550695314903184, 10);
  });

  it('counts half of a run where none of a length is right, and nothing without a right word', () => {
    const predictions = ['the black dog ran home quickly now', 'we eat'];
    const targets = ['a dog that was black runs home quickly', 'we are eating lunch'];
    expect(measured(make(), targets, predictions)).toBeCloseTo(0.10693319442988286, 10);
    expect(measured(make(), ['nothing matches at all today'], ['completely wrong words here now'])).toBe(0);
    expect(measured(make(), ['a b'], ['a b'])).toBe(0);
  });

  it('parts marks from words as sacrebleu does', () => {
    expect(mteval13a("Don't pay $3.50, or 4,000-5 (maybe)!").join(' ')).toBe(
      "Don't pay $ 3.50 , or 4,000 - 5 ( maybe ) !",
    );
    expect(mteval13a('&quot;A&amp;B&quot; - x.y 1.a a.1 10-year-old').join(' ')).toBe(
      '" A & B " - x . y 1 . a a . 1 10 - year-old',
    );
    expect(mteval13a('ünïcode… «ok» a/b@c').join(' ')).toBe('ünïcode… «ok» a / b @ c');
  });
});

describe('several right texts', () => {
  const target = { texts: ['a b c d', 'a x'] };

  it('are compared with the nearest', () => {
    expect(measured(errorRate(), [target], ['a b'])).toBe(0.5);
    expect(measured(errorRate(), [target], ['a b c'])).toBe(0.25);
    expect(measured(exactMatch(), [target, target], ['a x', 'a'])).toBe(0.5);
  });

  it('are refused where there is none', () => {
    expect(() => exactMatch().update({ texts: [] }, 'a')).toThrow(
      'A metric of several right texts was given [], expected a list of at least one text. Use it for targets { texts }.',
    );
  });
});

describe('bracketF1', () => {
  // Spans by the trees of NLTK 3.10.
  it('counts labelled brackets over all trees together', () => {
    const targets = [
      '(S (NP DT NN) (VP VBD (PP IN (NP DT JJ NN))))',
      '(root (nsubj *) * (obj (det *) * (nmod (case *) *)))',
    ];
    const predictions = [
      '(S (NP DT NN) (VP VBD (NP IN (NP DT JJ NN))))',
      '(root (nsubj *) * (obj (det *) *) (obl (case *) *))',
    ];
    expect(measured(bracketF1(), targets, predictions)).toBeCloseTo(0.7272727272727273, 12);
    expect(measured(bracketF1(), targets, targets)).toBe(1);
    expect(bracketF1().result()).toBeNaN();
  });

  it('ends an open bracket with the tree, and counts each bracket as often as it occurs', () => {
    expect(measured(bracketF1(), ['(a (b *))'], ['(a (b *'])).toBe(1);
    expect(measured(bracketF1(), ['(a (b *))'], ['(a (b *))) )'])).toBe(1);
    expect(measured(bracketF1(), ['(a (a *))'], ['(a *)'])).toBeCloseTo(2 / 3, 12);
    expect(measured(bracketF1(), ['(a *)'], [''])).toBe(0);
    expect(measured(bracketF1(), [{ texts: ['(a *)', '(b *)'] }], ['(b *)'])).toBe(1);
  });
});

describe('spanF1', () => {
  // seqeval 1.2.2: f1_score([target], [prediction]), and of all together.
  const cases = [
    [['O', 'B-a', 'I-a', 'O', 'B-b'], ['O', 'B-a', 'I-a', 'O', 'B-a'], 0.5],
    [['B-a', 'B-a', 'I-a'], ['B-a', 'I-a', 'I-a'], 0],
    [['I-a', 'I-a', 'I-b', 'O'], ['B-a', 'I-a', 'B-b', 'O'], 1],
    [['B-a', 'I-b', 'I-b'], ['B-a', 'B-b', 'I-b'], 1],
    [['O', 'O'], ['O', 'I-a'], 0],
  ] as const;

  it('is that of seqeval', () => {
    for (const [target, prediction, value] of cases) expect(measured(spanF1(), [target], [prediction])).toBe(value);
    const labels = cases.map(([, prediction]) => ({ labels: prediction }));
    expect(
      measured(
        spanF1(),
        cases.map(([target]) => target),
        labels,
      ),
    ).toBe(0.625);
  });

  it('is 0 where there is no span, as in seqeval, and NaN for nothing', () => {
    expect(measured(spanF1(), [['O']], [['O']])).toBe(0);
    expect(spanF1().result()).toBeNaN();
  });

  it('refuses labels of another form, and another number of them', () => {
    for (const odd of ['a', 'B-', 'S-a', '', undefined, 3])
      expect(() => spanF1().update(['O'], [odd as never])).toThrow(
        /expected a list of labels, each "O", "B-type" or "I-type"\. Use it for targets that mark spans in this way\.$/,
      );
    expect(() => spanF1().update(['O', 'O'], ['O'])).toThrow(
      'span-f1 was given "1 labels for a target of 2", expected one for each place. Use it for a head that labels each place.',
    );
    expect(() => spanF1().update(['O'], { text: 'O' } as never)).toThrow('Use it for a head that labels each place.');
  });
});
