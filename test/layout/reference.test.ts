import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, root } from '../repository.ts';
import { methodsPage } from './reference/balancing-methods.ts';
import { experimentPage, undescribed } from './reference/experiment-keys.ts';
import { partsPage } from './reference/exported-parts.ts';
import { lossesAndMetricsPage, misplaced } from './reference/losses-and-metrics.ts';
import { problemsOf, snippetsOf } from './reference/snippets.ts';

const HEADS = ['vision', 'text', 'audio', 'control', 'table'].map(
  (room) => [`banyan-ml/heads/${room}`, `heads/${room}/index.ts`] as const,
);

// Made anew by `npx vitest run test/layout/reference.test.ts -u`.
describe('the pages that are made from the code', () => {
  it('list every key of an experiment, each with what it says', async () => {
    expect(undescribed()).toEqual([]);
    await expect(experimentPage()).toMatchFileSnapshot(join(root, 'docs/experiment.md'));
  });

  it('list every stem, head and source, with its options', { timeout: 60_000 }, async () => {
    await expect(partsPage(HEADS)).toMatchFileSnapshot(join(root, 'docs/parts.md'));
  });

  it('list every balancing method, with what it says of itself', async () => {
    await expect(methodsPage()).toMatchFileSnapshot(join(root, 'docs/balancing-methods.md'));
  });

  it('list every loss and metric once, with the function of its name', async () => {
    expect(misplaced()).toEqual([]);
    await expect(lossesAndMetricsPage()).toMatchFileSnapshot(join(root, 'docs/losses-and-metrics.md'));
  });
});

describe('the blocks of TypeScript in the pages', () => {
  const pages = ['README.md', ...filesIn('docs', /\.md$/)];

  it('compile', { timeout: 180_000 }, () => {
    const wrong = { page: 'wrong.md', line: 7, text: 'const steps = 3;\ntrain(network, { steps, batches: 2 });\n' };
    const snippets = pages.flatMap(snippetsOf);
    expect(snippets.length).toBeGreaterThan(10);
    const caught = expect.stringMatching(/^wrong\.md:8: .*'batches' does not exist in type/);
    expect(problemsOf([...snippets, wrong])).toEqual([caught]);
  });
});
