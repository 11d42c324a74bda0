import { expect, it } from 'vitest';
import { tfIdf } from '../../../src/evaluate/linear/tf-idf.ts';

it('weighs terms as TfidfVectorizer(min_df=2) of scikit-learn 1.7 does', () => {
  const training = ['lost card card please', 'my card is lost', 'please please help', 'help'].map((text) =>
    text.split(' '),
  );
  const { columns, row } = tfIdf(training);
  expect(columns).toBe(4);
  const weights = (text: string) => {
    const { columns, values } = row(text.split(' '));
    return Object.fromEntries(Array.from(columns, (column, i) => [NAMES[column], Number(values[i]!.toFixed(5))]));
  };
  // In the order of their first appearance.
  const NAMES = ['lost', 'card', 'please', 'help'];
  expect(weights('lost card card please')).toEqual({ card: 0.8165, lost: 0.40825, please: 0.40825 });
  expect(weights('please please help')).toEqual({ please: 0.89443, help: 0.44721 });
  expect(weights('card help help new')).toEqual({ card: 0.44721, help: 0.89443 });
  expect(weights('nothing known')).toEqual({});
});
