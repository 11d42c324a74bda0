import { expect, it } from 'vitest';
import { graphsNote } from '../../src/cli/print/graphs.ts';

it('says how many graphs a run was compiled to', () => {
  const graphs = ['train', 'evaluate', 'train', 'train', 'evaluate', 'predict'].map((kind) => ({ kind }));
  expect(graphsNote(graphs)).toBe(
    'Graphs that were compiled, one for each shape of a batch: 3 to train, 1 to predict, 2 to evaluate',
  );
});
