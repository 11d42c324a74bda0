import { expect, it } from 'vitest';
import { confusionMatrix } from '../../src/analysis/confusion-matrix.ts';
import { golden } from '../golden.ts';

interface Case {
  readonly id: string;
  readonly inputs: { readonly y_true: number[]; readonly y_pred: number[]; readonly num_classes: number };
  readonly value: number[][];
}

it('has true classes as rows, with the counts of scikit-learn', () => {
  const { inputs, value } = golden<{ cases: Case[] }>('metrics').cases.find(({ id }) => id === 'confusion')!;
  expect(confusionMatrix(inputs.y_true, inputs.y_pred, inputs.num_classes)).toEqual(value);
});

it('says what is wrong', () => {
  expect(() => confusionMatrix([0, 1], [0, 2], 2)).toThrow(
    'confusionMatrix: expected classes from 0 to 1, received target 1 and prediction 2 at index 1. Give these classes, or another number of classes.',
  );
  expect(() => confusionMatrix([0], [], 2)).toThrow(
    'confusionMatrix: 1 targets and 0 predictions, expected equally many. Give one prediction per target.',
  );
});
