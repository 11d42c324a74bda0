import { z } from 'zod';
import { notNegative, wholeNumber } from '../check.ts';
import { metricKinds } from '../evaluate/index.ts';
import { dataSchema, inputsSchema, targetSchema } from '../fields/index.ts';
import type { Plugged } from '../kind/index.ts';
import { listed } from '../nearest.ts';
import { loggerKinds } from '../report/index.ts';
import { sharingKinds, trunkKinds } from '../trunk/index.ts';
import { checkDescribedTasks } from './sections/described-tasks.ts';
import { laterals } from './sections/laterals.ts';
import { pretrained } from './sections/pretrained.ts';
import { searchSection } from './sections/search.ts';
import { leftOut, list, name, section, seed } from './sections/section.ts';
import { checkTaskNames } from './sections/task-names.ts';
import { trainingSection } from './sections/training.ts';
import { transferSection } from './sections/transfer.ts';

export { METHODS } from './sections/transfer.ts';

const trunkSection = (plugged?: Plugged) =>
  trunkKinds.schema(plugged, {
    sharing: sharingKinds.schema(plugged).optional().describe('how the tasks share the blocks softly: sharing.md'),
  });

const AUGMENTATION = 'the name of an augmentation, or a section with kind and its options';

const taskSection = (plugged?: Plugged) =>
  // `clothing:` with nothing after it is a task with nothing to say.
  z
    .preprocess(
      (value) => value ?? {},
      section({
        data: name.optional().describe('the name of the `data` that a task without code learns from: own-data.md'),
        inputs: inputsSchema(plugged)
          .optional()
          .describe('the columns that it reads, by their names or with a kind for each'),
        target: targetSchema(plugged).optional().describe('the column that it learns to tell'),
        weight: notNegative.optional().describe('factor of the loss of the task; default 1'),
        learningRate: notNegative
          .optional()
          .describe('factor of the learning rate of its own stem and head; default 1'),
        at: wholeNumber(0)
          .optional()
          .describe('its head reads what so many blocks of the trunk give, 0: what its stem gives; default all blocks'),
        augment: z
          .array(
            z.union([z.string(), z.looseObject({ kind: z.string().describe('its name; beside it its options') })], {
              error: AUGMENTATION,
            }),
            'a list of augmentations',
          )
          .optional()
          .describe(
            'what changes examples of a coded task in training, in the place of what its stem has: augmentation.md',
          ),
        metrics: list(metricKinds.schema(plugged), 'metrics')
          .optional()
          .describe('what it is measured by beside the metrics of its head'),
      }),
    )
    .meta({ forms: [{ type: 'null' }] });

const RUN_NAME = 'a name of letters, digits, ".", "-" or "_"';

/**
 * Makes the schema of an experiment file.
 * @param plugged the container in which plugins have bound kinds, or `later` while they are not loaded: a kind that is not built in
 * is then let pass.
 */
export const experimentSchema = (plugged?: Plugged) =>
  section({
    name: z
      .string(RUN_NAME)
      .regex(/^[\w][\w.-]*$/, RUN_NAME)
      .optional()
      .describe('name of the run; without it that of the file'),
    seed: seed.optional().describe('beginning of all draws'),
    base: name.optional().describe('a run, or a saved network, beside which the tasks become a new column'),
    trunk: trunkSection(plugged)
      .optional()
      .describe('the network, or the new column; beside a base it may be left out, and is as its first column'),
    pretrained: pretrained.optional().describe('weights of other models that the network begins with: pretrained.md'),
    laterals: laterals.optional().describe('how earlier columns come into the new one: columns.md; default nonlinear'),
    tasks: z
      .record(z.string(), taskSection(plugged), 'a section with a key for each task')
      .refine((tasks) => Object.keys(tasks).length > 0, {
        error: 'a section with at least one task',
        params: { mend: 'Name a task.' },
      })
      .describe('the tasks, each by its name'),
    data: z
      .record(z.string(), dataSchema, 'a section with a file or folder for each name')
      .optional()
      .describe('files and folders of rows that tasks learn from: own-data.md'),
    plugins: z
      .array(name, 'a list of files and packages')
      .default([])
      .describe('where tasks and kinds that are not built in come from: plugins.md'),
    training: trainingSection(plugged).describe('how it is trained'),
    report: z.boolean('true or false').optional().describe('whether the run ends with a page about it'),
    log: list(loggerKinds.schema(plugged), 'loggers')
      .optional()
      .describe('where else the training is written down: logging.md'),
    transfer: transferSection(plugged).optional().describe('what `banyan transfer` compares'),
    search: searchSection.optional().describe('what `banyan search` tries: search.md'),
  })
    .refine(({ trunk, base }) => trunk !== undefined || base !== undefined, {
      path: ['trunk'],
      error: 'a section with kind, width, depth',
    })
    .refine(({ laterals, base }) => laterals === undefined || base !== undefined, {
      path: ['laterals'],
      ...leftOut('where there is no base'),
    })
    .refine(({ trunk, transfer }) => trunk?.sharing === undefined || transfer === undefined, {
      path: ['trunk', 'sharing'],
      // What of such a trunk belongs to its tasks alone has no place in a network with one more.
      ...leftOut('where there is a transfer'),
    })
    .refine(({ training, search }) => search?.prune === undefined || training.evaluateEvery !== undefined, {
      path: ['search', 'prune'],
      error: 'left out where there is no training.evaluateEvery',
      params: { mend: 'Add training.evaluateEvery, or remove it.' },
    })
    .superRefine(({ training, search }, { addIssue }) => {
      if (search?.population === undefined) return;
      const tell = (path: string[], message: string, mend: string) =>
        addIssue({ code: 'custom', path, message, params: { mend } });
      const without = 'left out where there is search.population';
      if (training.evaluateEvery === undefined)
        tell(
          ['search', 'population'],
          'left out where there is no training.evaluateEvery',
          'Add training.evaluateEvery, or remove it.',
        );
      for (const key of ['stop', 'best'] as const)
        if (training[key] !== undefined) tell(['training', key], without, 'Remove it.');
    })
    .refine(
      ({ tasks, search }) =>
        search === undefined || ['each', 'relative'].includes(search.objectives) || search.objectives in tasks,
      {
        path: ['search', 'objectives'],
        error: ({ input }) =>
          `each, relative, or one of \`tasks\`: ${listed(Object.keys((input as { tasks: object }).tasks))}`,
      },
    )
    .refine(({ pretrained, transfer }) => pretrained === undefined || transfer === undefined, {
      path: ['pretrained'],
      // A transfer says by itself what a network begins with.
      ...leftOut('where there is a transfer'),
    })
    .refine(({ training, transfer }) => training.parameters === undefined || transfer === undefined, {
      path: ['training', 'parameters'],
      // Its networks have other tasks each.
      ...leftOut('where there is a transfer'),
    })
    .superRefine(checkTaskNames(plugged))
    .superRefine(checkDescribedTasks);

/** What an experiment file may say; docs/experiment.md lists its keys, as the schema that checks them says it. */
export type ExperimentFile = z.input<ReturnType<typeof experimentSchema>>;
/** A checked experiment. */
export type Experiment = z.output<ReturnType<typeof experimentSchema>>;
export type TransferData = NonNullable<Experiment['transfer']>;
export type SearchData = NonNullable<Experiment['search']>;
export type Method = TransferData['methods'][number];
