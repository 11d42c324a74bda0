import { valueWords } from './space.ts';

/** Above this ratio of the greatest to the least value an axis is logarithmic. */
const MUCH = 20;

/** An axis of parallel coordinates, and where each trial crosses it, from 0 to 1. */
interface PlacedAxis {
  readonly name: string;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  readonly places: readonly number[];
}

/** Lays out the values of one setting: numbers from the least to the greatest, others in the order in which they are met. */
export function axisOf(name: string, values: readonly unknown[], reversed = false): PlacedAxis {
  const numbers = values.filter((value): value is number => typeof value === 'number');
  if (numbers.length < values.length) {
    const words = [...new Set(values.map(valueWords))];
    const placeOf = (word: string) => (words.length === 1 ? 0.5 : words.indexOf(word) / (words.length - 1));
    return {
      name,
      ticks: words.map((label) => ({ at: placeOf(label), label })),
      places: values.map((value) => placeOf(valueWords(value))),
    };
  }
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const scale = least > 0 && most > MUCH * least ? Math.log : (value: number) => value;
  const placeOf = (value: number) => {
    const place = most === least ? 0.5 : (scale(value) - scale(least)) / (scale(most) - scale(least));
    return reversed ? 1 - place : place;
  };
  return {
    name,
    ticks: [...new Set([least, most])].map((value) => ({ at: placeOf(value), label: valueWords(value) })),
    places: numbers.map(placeOf),
  };
}
