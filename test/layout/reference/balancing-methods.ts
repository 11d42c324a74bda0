import type { z } from 'zod';
import { methods, type Need, type Property } from '../../../src/balance/index.ts';
import { code, table } from './markdown.ts';

const NEEDS: Readonly<Record<Need, string>> = {
  losses: 'the losses',
  'losses-after': 'the losses of the same batch after the update',
  gram: "products of the tasks' gradients",
  gradients: 'every number of the gradients',
  'second-batch': "products with a second batch's gradients",
  average: 'moving averages of the gradients',
};
const PROPERTIES: Readonly<Record<Property, string>> = {
  'non-conflicting': "The update goes against no task's gradient.",
  'non-conflicting-if-independent': 'The same, as long as the gradients are linearly independent.',
  'permutation-invariant': 'The order of the tasks does not matter.',
  'scale-invariant': 'The update does not depend on how long each gradient is.',
  'direction-scale-invariant': 'The direction of the update does not depend on how long each gradient is.',
  homogeneous: 'A common factor of all gradients is a factor of the update.',
  positive: 'No task that has a loss gets the weight 0.',
};

type Method = ReturnType<typeof methods>[number];

/** The page of all balancing methods, from what each says of itself. */
export function methodsPage(): string {
  const sections = (balances: Method['balances']) => methods().filter((method) => method.balances === balances);
  return [
    '# Balancing methods',
    '',
    'What each method of balancing tasks does, costs and takes; [balancing.md](balancing.md) tells how to use them. This page is made from',
    'the code, and a test holds it.',
    '',
    'A property holds whatever the gradients are; the tests hold each method to what it says:',
    '',
    ...Object.entries(PROPERTIES).map(([property, meaning]) => `- ${code(property)}: ${meaning}`),
    '',
    '## Loss weightings',
    '',
    'They multiply losses by factors, which weigh all that a loss trains.',
    '',
    ...sections('losses').flatMap(section),
    '## Gradient aggregators',
    '',
    "They combine the tasks' gradients where they share parameters.",
    '',
    ...sections('gradients').flatMap(section),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function section({ kind, about, paper, needs, properties, cost, verified, options }: Method): string[] {
  const rows = Object.entries(options.shape).map(([name, option]) => [code(name), meaning(option as z.ZodType)]);
  return [
    `### ${code(kind)}`,
    '',
    about,
    '',
    `- Paper: ${paper}`,
    `- Looks at: ${needs.map((need) => NEEDS[need]).join('; ') || 'nothing'}`,
    ...(properties.length === 0 ? [] : [`- Properties: ${properties.map(code).join(', ')}`]),
    `- Costs, beside equal weights: ${cost}`,
    `- Checked: ${verified}`,
    '',
    ...table(['option', 'meaning'], rows),
  ];
}

/** What an option says of itself, with its default where it does not say that. */
function meaning(option: z.ZodType): string {
  const result = option.safeParse(undefined);
  const fallback = result.success && result.data !== undefined ? `; default ${code(String(result.data))}` : '';
  const forms = { numbers: 'a number for each task: ', list: 'a list of tasks: ' };
  const form = option.meta()?.tasks as keyof typeof forms | undefined;
  return `${form === undefined ? '' : forms[form]}${option.description}${fallback}`;
}
