import { z } from 'zod';
import { oneOf } from '../../check.ts';
import { name, section } from './section.ts';

const KINDS = ['nonlinear', 'linear', 'none'] as const;
const kind = oneOf(...KINDS);

/** How earlier columns come into a new one. */
export const laterals = z.union(
  [
    kind,
    section({
      kind: kind.optional().describe('what an adapter is'),
      stem: name.optional().describe('a task through whose stem the examples go into earlier columns'),
    }),
  ],
  { error: `one of ${KINDS.map((word) => `"${word}"`).join(', ')}, or a section with kind, stem` },
);
