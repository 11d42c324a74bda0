import { z } from 'zod';
import { count, oneOf, positive } from '../../check.ts';
import type { Plugged } from '../../kind/index.ts';
import { averageKinds, optimizerKinds, scheduleKinds } from '../../optimise/index.ts';
import { samplerKinds } from '../../sample/index.ts';
import { bestSchema, parametersSchema, stopSchema } from '../../train/index.ts';
import { balanceSection } from './balance.ts';
import { leftOut, section, seed } from './section.ts';

const batch = z.union([count, z.record(z.string(), count)], {
  error: 'a whole number >= 1, or a section with one for each task',
});

const clip = z.union(
  [positive, z.literal(Number.POSITIVE_INFINITY)],
  'a number > 0, or .inf for no clipping (1e999 in JSON)',
);

const checkpoint = z
  .preprocess(
    (value) => (value === 'off' ? false : value),
    z.union(
      [
        z.literal(false),
        section({
          every: count.optional().describe('steps between two checkpoints'),
          minutes: positive.optional().describe('minutes between two checkpoints; default 5, where there is no every'),
        }),
      ],
      { error: 'off, or a section with every, minutes' },
    ),
  )
  .meta({ forms: [{ const: 'off' }] });

/** The keys that say how a step is made. */
export const steppingKeys = (plugged?: Plugged) => ({
  batch: batch.describe('examples of each task in a step'),
  accumulate: count.optional().describe('parts in which a batch goes through the network, to save memory; default 1'),
  optimizer: optimizerKinds.schema(plugged).optional().describe('how gradients become steps; default AdamW at 2e-3'),
  schedule: scheduleKinds
    .schema(plugged)
    .optional()
    .describe('how the learning rate changes over the steps; default a warm-up, then a cosine to 0'),
  average: averageKinds
    .schema(plugged)
    .optional()
    .describe(
      'what mean of the weights is made beside them, evaluated and held in the end: optimisers.md; default none',
    ),
  clip: clip
    .optional()
    .describe('largest norm of the gradient; a longer one is made as short; .inf for none; default 1'),
  compile: oneOf('auto', 'graph', 'xla', 'eager')
    .optional()
    .describe('whether a step is one graph, compiled by XLA or not, or runs operation by operation; default auto'),
  precision: oneOf('float32', 'mixed').optional().describe('whether products are made in bfloat16; default float32'),
  exchange: oneOf('float32', 'bfloat16')
    .optional()
    .describe('in what type workers send their gradients to each other: machines.md; default float32'),
  synchronizeEvery: count
    .optional()
    .describe(
      'steps that workers make by themselves before their weights become the mean of theirs (local SGD): machines.md; default none, gradients are added up in each step',
    ),
  sampler: samplerKinds
    .schema(plugged)
    .optional()
    .describe('which tasks take part in a step: samplers.md; default all of them'),
  balance: balanceSection(plugged)
    .optional()
    .describe('how the tasks are weighed against each other: balancing.md; default equal'),
});

/** Makes the schema of the training. */
export const trainingSection = (plugged?: Plugged) =>
  section({
    steps: count.optional().describe('updates; or give epochs'),
    epochs: positive.optional().describe('passes over the largest training split; or give steps'),
    seed: seed.optional().describe('order of the examples and draws of the training, where not the seed above'),
    evaluateEvery: count.optional().describe('steps between two measurements on the validation split'),
    evaluateExamples: count
      .optional()
      .describe('examples of each task that such a measurement takes, the same each time; default all'),
    stop: stopSchema.optional().describe('when nothing gets better any more: stopping.md; default never'),
    best: bestSchema
      .optional()
      .describe('by what the best of the evaluated weights are chosen, which the run ends with: stopping.md'),
    parameters: parametersSchema
      .optional()
      .describe('weights that are frozen, or have a learning rate of their own: pretrained.md'),
    compareGradientsEvery: count.optional().describe('steps between two comparisons of the gradients of the tasks'),
    checkpoint: checkpoint
      .optional()
      .describe('when the run is saved on its way, and at its end; off: never; default every five minutes'),
    sourceTimeout: positive
      .optional()
      .describe(
        'seconds that a source may take to open, or to read a batch; default any time, with a warning now and then',
      ),
    threads: count.optional().describe('threads of the processor; the bits of a run depend on them'),
    ...steppingKeys(plugged),
  })
    .refine(({ steps, epochs }) => steps !== undefined || epochs !== undefined, {
      path: ['steps'],
      error: 'given, or training.epochs instead',
    })
    .refine(({ steps, epochs }) => steps === undefined || epochs === undefined, {
      path: ['epochs'],
      ...leftOut('where training.steps is given'),
    })
    .refine(({ sampler, epochs }) => sampler === undefined || epochs === undefined, {
      path: ['epochs'],
      ...leftOut('where there is a sampler'),
    })
    .superRefine(({ evaluateEvery, ...training }, { addIssue }) => {
      for (const key of ['evaluateExamples', 'stop', 'best'] as const)
        if (training[key] !== undefined && evaluateEvery === undefined) {
          const params = { mend: 'Add training.evaluateEvery, or remove it.' };
          const message = 'left out where there is no training.evaluateEvery';
          addIssue({ code: 'custom', path: [key], message, params });
        }
    });
