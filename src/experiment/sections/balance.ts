import { z } from 'zod';
import { balanceMethods } from '../../balance/index.ts';
import { oneOf } from '../../check.ts';
import type { Plugged } from '../../kind/index.ts';
import { didYouMean } from '../../nearest.ts';
import { name, section } from './section.ts';

/** Makes the schema of how tasks are balanced: the name of a method, or a section with it. */
export function balanceSection(plugged?: Plugged) {
  const kinds = balanceMethods.kinds(plugged === 'later' ? undefined : plugged).map((method) => ({
    kind: method.kind,
    about: method.about,
    options: balanceMethods.optionsOf(method),
  }));
  const names = kinds.map(({ kind }) => kind);
  return z
    .union(
      [
        name,
        section({
          method: name.describe('its name'),
          options: z
            .record(z.string(), z.unknown(), 'a section with the options of the method')
            .meta({ kinds, beside: {} })
            .optional()
            .describe('options of the method: balancing.md'),
          on: oneOf('trunk', 'shared', 'activations').optional().describe('which gradients are balanced'),
        }),
      ],
      { error: 'the name of a method, or a section with method, options, on' },
    )
    .check(({ value, issues }) => {
      const method = typeof value === 'string' ? value : value.method;
      if (plugged === 'later' || names.includes(method)) return;
      issues.push({
        code: 'custom',
        path: typeof value === 'string' ? [] : ['method'],
        message: `one of ${names.map((word) => `"${word}"`).join(', ')}`,
        input: value,
        params: { mend: didYouMean(method, names, 'Name one of these, or add the plugin that brings it.') },
      });
    });
}
