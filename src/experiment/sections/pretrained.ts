import { z } from 'zod';
import { byName, either, listOf, oneOf, text } from '../../check.ts';
import { MAPS, type MapName } from '../../pretrained/index.ts';
import { list, name, section } from './section.ts';

const MAP_NAMES = Object.keys(MAPS) as [MapName, ...MapName[]];
const SHA256 = 'the 64 digits of a sha256';

const origin = z.union([name, listOf(name, 'names'), section({ firstRowsOf: name.describe('the name of a tensor') })], {
  error: 'the name of a tensor, a list of names, or a section with firstRowsOf',
});

/** The schema of what a network begins with: the weights of files, each in other parts of it. */
export const pretrained = z
  .array(
    section({
      from: name.describe('file of weights, or folder of a run or of a saved network: pretrained.md'),
      into: either(name, list(name, 'parts'), 'the name of a part, or a list of them').describe(
        'what begins with them: trunk, stem/TASK or head/TASK, or a list of these',
      ),
      map: either(
        oneOf(...MAP_NAMES),
        byName(origin, 'names'),
        `one of ${MAP_NAMES.map((word) => `"${word}"`).join(', ')}, or a section with a tensor for each weight`,
      )
        .optional()
        .describe('which tensor of the file becomes which weight'),
      ignore: z
        .array(text, 'a list of names')
        .optional()
        .describe('tensors that may be left over, as names with * for any text'),
      sha256: z
        .string(SHA256)
        .regex(/^[0-9a-f]{64}$/, SHA256)
        .optional()
        .describe('digest that the file must have; a run writes down which it had'),
    }),
    'a list of sections with from, into, map, ignore, sha256',
  )
  .refine((files) => new Set(files.flatMap(({ into }) => into)).size === files.flatMap(({ into }) => into).length, {
    error: 'a list that names each part once',
    params: { mend: 'Remove what is there twice.' },
  });
