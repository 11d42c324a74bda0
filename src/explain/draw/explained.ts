import type { Attribution } from '../attribution.ts';
import { boxesOf, boxList, boxText, type PicturePlaces } from './boxes.ts';
import { figure } from './svg.ts';

/** An example with what was found of it, by one task or by several. */
export interface ExplainedExample {
  /** What the example is called, such as its file. */
  readonly name: string;
  readonly attributions: readonly Attribution[];
}

const STRONGEST = 10;

/** Says what an attribution is about, and whether it sums up. */
export function aboutAttribution({
  task,
  method,
  at,
  explanation,
  outcome,
  comparedWith,
  output,
  baselineOutput,
  completeness,
}: Attribution): string {
  const sure = explanation?.confidence === undefined ? '' : ` (${explanation.confidence.toFixed(2)})`;
  const predicted = explanation === undefined ? '' : ` says ${explanation.predicted}${sure}.`;
  const summed =
    completeness === undefined
      ? ''
      : `, and ${baselineOutput.toPrecision(4)} at the baseline. The values sum up to ${figure(completeness.sum)} of the difference of ${figure(completeness.difference)}`;
  const others = comparedWith === 1 ? 'another example' : `${comparedWith} other examples, in the mean`;
  const baseline = comparedWith === 'zeros' ? 'numbers that are all 0' : others;
  const compared = comparedWith === undefined ? '' : `, compared with ${baseline}`;
  return `${task}${predicted} Explained by ${method}, over the ${at}${compared}: ${outcome.name} is ${output.toPrecision(4)}${summed}.`;
}

/** Says in lines which places count most. */
export function attributionText({ name, attributions }: ExplainedExample): string {
  return [
    name,
    ...attributions.flatMap((attribution) => [aboutAttribution(attribution), ...strongestPlaces(attribution)]),
  ].join('\n');
}

function strongestPlaces({ parts }: Attribution): readonly string[] {
  return parts.flatMap((part) => {
    const { places, values, shape } = part;
    const boxes = places?.kind === 'picture' ? boxesOf(places) : undefined;
    const known = places?.kind === 'words' ? places.words.length : values.length;
    const order = Array.from({ length: known }, (_, i) => i).sort(
      (a, b) => Math.abs(values[b]!) - Math.abs(values[a]!),
    );
    const nameOf = (i: number) => {
      if (places?.kind === 'words') return `${places.words[i]} (${i})`;
      if (places?.kind === 'columns') return `${places.columns[i]!.name} = ${places.columns[i]!.value}`;
      if (boxes !== undefined) return boxText(places as PicturePlaces, boxes.get(i));
      return `[${coordinates(i, shape).join(', ')}]`;
    };
    const head = part.name === undefined ? [] : [`  ${part.name}:`];
    return [...head, ...order.slice(0, STRONGEST).map((i) => `  ${figure(values[i]!).padStart(9)}  ${nameOf(i)}`)];
  });
}

function coordinates(at: number, shape: readonly number[]): readonly number[] {
  let rest = at;
  return shape
    .toReversed()
    .map((size) => {
      const place = rest % size;
      rest = Math.floor(rest / size);
      return place;
    })
    .reverse();
}

/** Gives all that was found as JSON. */
export const attributionJson = ({ name, attributions }: ExplainedExample) => ({
  name,
  attributions: attributions.map(({ parts, ...rest }) => ({
    ...rest,
    parts: parts.map(({ places, values, numbers, ...part }) => ({
      ...part,
      // Pixels say by their shape where they are.
      ...(places?.kind === 'picture' && part.shape.length === 1 ? { boxes: boxList(places, values.length) } : {}),
      values: Array.from(values),
      ...(numbers === undefined ? {} : { numbers: { shape: numbers.shape, values: Array.from(numbers.values) } }),
      ...(places?.kind === 'words' ? { words: places.words } : {}),
      ...(places?.kind === 'columns' ? { columns: places.columns } : {}),
    })),
  })),
});
