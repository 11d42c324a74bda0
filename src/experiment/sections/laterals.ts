import { z } from 'zod';
import { oneOf } from '../../check.ts';
import { LATERAL_KINDS } from '../../trunk/index.ts';
import { name, section } from './section.ts';

const kind = oneOf(...LATERAL_KINDS);

/** How earlier columns come into a new one. */
export const laterals = z.union(
  [
    kind,
    section({
      kind: kind.optional().describe('what an adapter is'),
      stem: name.optional().describe('a task through whose stem the examples go into earlier columns'),
    }),
  ],
  { error: `one of ${LATERAL_KINDS.map((word) => `"${word}"`).join(', ')}, or a section with kind, stem` },
);
