import { optionsOf } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Metric } from '../../task/contract.ts';
import { memberOf, refusal } from './refusal.ts';

/** Labels of the places of a sequence, such as `['O', 'B-artist', 'I-artist']`, or a prediction with them. */
export type SpanLabels = readonly string[] | { readonly labels: readonly string[] };

/**
 * Makes the F1 of the spans that labels mark (Tjong Kim Sang and De Meulder 2003, section 2.3, as its `conlleval`): `2 right / (predicted +
 * true)` over all spans together, from 0 to 1. A span is right where its type, its beginning and its end are. `B-type` begins one, `I-type`
 * goes on with it, or begins one where none of its type goes before; `O` is none. Where there is no span, true or predicted, it is 0.
 * @throws BanyanError `data`, when it is updated, for labels of another form, and another number of them.
 */
export function spanF1(): Metric<SpanLabels, SpanLabels> {
  let [right, predicted, occurring, examples] = [0, 0, 0, 0];
  return {
    name: 'span-f1',
    update: (target, prediction) => {
      const [labels, others] = [labelsOf(target), labelsOf(prediction)];
      if (labels.length !== others.length) {
        const received = `${others.length} labels for a target of ${labels.length}`;
        throw refusal('span-f1', received, 'one for each place', 'a head that labels each place');
      }
      const [spans, found] = [spansOf(labels), spansOf(others)];
      examples++;
      predicted += found.size;
      occurring += spans.size;
      for (const span of found) if (spans.has(span)) right++;
    },
    result: () => {
      if (examples === 0) return Number.NaN;
      return predicted + occurring === 0 ? 0 : (2 * right) / (predicted + occurring);
    },
    reset: () => {
      [right, predicted, occurring, examples] = [0, 0, 0, 0];
    },
  };
}

/** The spans of labels: type, beginning and end of each, as a text. */
function spansOf(labels: readonly string[]): ReadonlySet<string> {
  const spans = new Set<string>();
  let [type, start] = ['', 0];
  const end = (place: number) => type !== '' && spans.add(`${type} ${start} ${place}`);
  for (const [i, label] of labels.entries()) {
    const next = label === 'O' ? '' : label.slice(2);
    if (label.startsWith('I-') && next === type) continue;
    end(i);
    [type, start] = [next, i];
  }
  end(labels.length);
  return spans;
}

const FORM = /^(O|[BI]-.+)$/s;

function labelsOf(labels: SpanLabels): readonly string[] {
  const found = memberOf(labels, 'labels') ?? labels;
  const expected = 'a list of labels, each "O", "B-type" or "I-type"';
  if (!Array.isArray(found)) throw refusal('span-f1', labels, expected, 'a head that labels each place');
  const odd = found.find((label) => typeof label !== 'string' || !FORM.test(label));
  if (odd === undefined && !found.includes(undefined)) return found;
  throw refusal('span-f1', odd, expected, 'targets that mark spans in this way');
}

/** `spanF1`, as files name it. */
export const spanF1Kind: Kind<Metric<SpanLabels, SpanLabels>> = {
  kind: 'span-f1',
  about: 'The F1 of spans that labels such as B-city and I-city mark: right in type, beginning and end.',
  options: optionsOf('span-f1', {}),
  build: spanF1,
};
