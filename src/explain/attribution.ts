import type { Explanation, Places } from '../task/display.ts';
import type { Level } from './subject/exchange.ts';
import type { Outcome } from './subject/outcomes.ts';

/** Whether the values of an attribution sum up to the difference between the outputs of the example and of what it is compared with. */
export interface Completeness {
  readonly sum: number;
  readonly difference: number;
  /** `|sum − difference|` as a part of the difference. */
  readonly error: number;
}

/** How much each place of one part of an input counts. */
export interface AttributedPart {
  /** Its name in an example's record; absent where an example has one input. */
  readonly name?: string;
  /** The shape of the places, such as rows and columns. */
  readonly shape: readonly number[];
  /** A value for each place: that of its numbers together. Positive ones speak for the outcome, where the method has signs. */
  readonly values: Float64Array;
  /** The values of the single numbers, where a place has several and the method has them. */
  readonly numbers?: { readonly shape: readonly number[]; readonly values: Float64Array };
  /** What a person sees at the places, where the stem says it. */
  readonly places?: Places;
}

/** How much each place of an example counts for one number that a network makes of it. */
export interface Attribution {
  readonly task: string;
  /** The kind of the method. */
  readonly method: string;
  /** Whether it speaks of the numbers that the stems look at, or of their tokens. */
  readonly at: Level;
  /** What the network says of the example. */
  readonly explanation?: Explanation;
  /** Which number of the head's output is explained. */
  readonly outcome: Outcome;
  /** What it is compared with: numbers that are all 0, or so many other examples; absent for a method that looks at the example alone. */
  readonly comparedWith?: 'zeros' | number;
  /** The number at the example. */
  readonly output: number;
  /** The number at what it is compared with, in the mean. */
  readonly baselineOutput: number;
  /** For a method that sums up to the difference. */
  readonly completeness?: Completeness;
  readonly parts: readonly AttributedPart[];
}
