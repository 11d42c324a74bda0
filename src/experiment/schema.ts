import { z } from 'zod';
import { tasksInOption } from '../balance/index.ts';
import { didYouMean, listed } from '../nearest.ts';
import { unknownText } from './problems.ts';

// A leaf's error message is what was expected; problems.ts puts path, received value and mend around it.
const WHOLE = 'a whole number >= 1';
const count = z.int({ error: ({ code }) => (code === 'too_big' ? 'at most 2^53 - 1' : WHOLE) }).min(1, WHOLE);
const FROM_ZERO = 'a whole number >= 0';
const SEED = 'a whole number from 0 to 2^53 - 1';
const seed = z.int(SEED).min(0, SEED);
const POSITIVE = 'a number > 0';
const positive = z.number(POSITIVE).positive(POSITIVE);
const norm = z.union(
  [positive, z.literal(Number.POSITIVE_INFINITY)],
  `${POSITIVE}, or .inf for no clipping (1e999 in JSON)`,
);
const NOT_NEGATIVE = 'a number >= 0';
const notNegative = z.number(NOT_NEGATIVE).min(0, NOT_NEGATIVE);
const SHARE = 'a number >= 0 and < 1';
const share = z.number(SHARE).min(0, SHARE).lt(1, SHARE);
const TEXT = 'a text that is not empty';
const text = z.string(TEXT).min(1, TEXT);

/** A section whose unknown keys are errors; for those the message is whole, one line for each key. */
function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return `a section with ${known.join(', ')}`;
      return unknownText(
        issue.keys,
        (key) =>
          `is no key of an experiment. Expected one of: ${known.join(', ')}. ${didYouMean(key, known, 'Remove it.')}`,
      );
    },
  });
}

const kinds = (...names: string[]) => `one of ${names.map((name) => `"${name}"`).join(', ')}`;

/** How tasks can share a trunk softly. */
export const SHARINGS = ['cross-stitch', 'mmoe', 'cgc', 'ple', 'mtan', 'dselect-k', 'branching'] as const;
const POWER = 'a power of two >= 2';
const experts = {
  shared: count.optional().describe('experts that all tasks use, in each block; default 1'),
  own: count.optional().describe('experts of each task alone, in each block; default 1'),
};

/** How the tasks share the trunk's blocks: a kind by its name, or with its options. */
const sharing = z.preprocess(
  (value) => ((SHARINGS as readonly unknown[]).includes(value) ? { kind: value } : value),
  z.discriminatedUnion(
    'kind',
    [
      section({ kind: z.literal('cross-stitch') }),
      section({
        kind: z.literal('mmoe'),
        experts: count.optional().describe('experts, each a whole copy of the trunk; default 4'),
      }),
      section({ kind: z.literal('cgc'), ...experts }),
      section({ kind: z.literal('ple'), ...experts }),
      section({ kind: z.literal('mtan') }),
      section({
        kind: z.literal('dselect-k'),
        experts: count
          .refine((value) => value > 1 && Number.isInteger(Math.log2(value)), POWER)
          .optional()
          .describe('experts, each a whole copy of the trunk; default 4'),
        selected: count.optional().describe('experts that an example of a task uses at most; default 2'),
      }),
      section({
        kind: z.literal('branching'),
        branches: count.optional().describe('blocks beside each other at every depth; default 3'),
      }),
    ],
    {
      error: (issue) =>
        (issue.code as string) === 'invalid_type'
          ? `${kinds(...SHARINGS)}, or a section with kind`
          : kinds(...SHARINGS),
    },
  ),
);

const transformer = section({
  kind: z.literal('transformer'),
  width: count.describe('numbers in a token'),
  depth: count.describe('blocks, one after the other'),
  heads: count.describe('heads of attention; a divisor of the width'),
  dropout: share.optional().describe('share of the numbers that are dropped in training; default 0'),
  sharing: sharing.optional().describe('how the tasks share the blocks softly: sharing.md'),
}).refine(({ width, heads }) => width % heads === 0, {
  path: ['heads'],
  error: ({ input }) => `a divisor of trunk.width (${(input as { width: number }).width})`,
});
const conv = section({
  kind: z.literal('conv'),
  width: count.describe('numbers in a token'),
  depth: count.describe('blocks, one after the other'),
  kernel: count.optional().describe('positions that one output position sees; default 5'),
  dropout: share.optional().describe('share of the numbers that are dropped in training; default 0'),
  sharing: sharing.optional().describe('how the tasks share the blocks softly: sharing.md'),
});
const dense = section({
  kind: z.literal('dense'),
  width: count.describe('numbers in a token'),
  depth: count.describe('blocks, one after the other'),
  dropout: share.optional().describe('share of the numbers that are dropped in training; default 0'),
  sharing: sharing.optional().describe('how the tasks share the blocks softly: sharing.md'),
});

const trunk = z.discriminatedUnion('kind', [transformer, conv, dense], {
  error: (issue) =>
    (issue.code as string) === 'invalid_type'
      ? 'a section with kind, width, depth'
      : kinds('transformer', 'conv', 'dense'),
});

const RATE = 'size of a step, before the factor of the schedule';
const DECAY = 'of kernels, not of biases and norms';
const adamOptions = {
  learningRate: notNegative.optional().describe(`${RATE}; default 0.001`),
  beta1: share.optional().describe('decay of the mean of gradients; default 0.9'),
  beta2: share.optional().describe('decay of the mean of their squares; default 0.999'),
};
const optimizer = z.discriminatedUnion(
  'kind',
  [
    section({
      kind: z.literal('adam'),
      ...adamOptions,
      weightDecay: notNegative.optional().describe(`${DECAY}, added to the gradient; default 0`),
    }),
    section({
      kind: z.literal('adamw'),
      ...adamOptions,
      weightDecay: notNegative.optional().describe(`${DECAY}, beside the gradient; default 0.01`),
    }),
    section({
      kind: z.literal('sgd'),
      learningRate: notNegative.describe(RATE),
      momentum: share.optional().describe('share of the last step that is made again; default 0'),
      nesterov: z
        .boolean('true or false')
        .optional()
        .describe('whether the gradient is taken where momentum leads; default false'),
      weightDecay: notNegative.optional().describe(`${DECAY}, added to the gradient; default 0`),
    }),
  ],
  {
    error: (issue) =>
      (issue.code as string) === 'invalid_type' ? 'a section with kind' : kinds('adam', 'adamw', 'sgd'),
  },
);

const schedule = z.discriminatedUnion(
  'kind',
  [
    section({ kind: z.literal('constant') }),
    section({
      kind: z.literal('warmup-cosine'),
      warmup: z.int(FROM_ZERO).min(0, FROM_ZERO).describe('steps until the rate is whole'),
    }),
  ],
  {
    error: (issue) =>
      (issue.code as string) === 'invalid_type' ? 'a section with kind' : kinds('constant', 'warmup-cosine'),
  },
);

/** How tasks are balanced. */
const balance = z.union(
  [
    text,
    section({
      method: text.describe('one of `methods()` of banyan-ml/balance'),
      options: z
        .record(z.string(), z.unknown(), 'a section with the options of the method')
        .optional()
        .describe('options of the method: balancing.md'),
      on: z
        .enum(['trunk', 'shared', 'activations'], { error: kinds('trunk', 'shared', 'activations') })
        .optional()
        .describe('which gradients are balanced'),
    }),
  ],
  { error: 'the name of a method, or a section with method, options, on' },
);

const batch = z.union([count, z.record(z.string(), count)], {
  error: `${WHOLE}, or a section with one for each task`,
});

/** How a step is made. */
const stepping = {
  batch: batch.describe('examples of each task in a step'),
  accumulate: count.optional().describe('parts in which a batch goes through the network, to save memory; default 1'),
  optimizer: optimizer.optional().describe('how gradients become steps; default AdamW at 2e-3'),
  schedule: schedule
    .optional()
    .describe('how the learning rate changes over the steps; default a warm-up, then a cosine to 0'),
  clip: norm
    .optional()
    .describe('largest norm of the gradient; a longer one is made as short; .inf for none; default 1'),
  compile: z
    .enum(['auto', 'graph', 'xla', 'eager'], { error: kinds('auto', 'graph', 'xla', 'eager') })
    .optional()
    .describe('whether a step is one graph, compiled by XLA or not, or runs operation by operation; default auto'),
  precision: z
    .enum(['float32', 'mixed'], { error: kinds('float32', 'mixed') })
    .optional()
    .describe('whether products are made in bfloat16; default float32'),
  balance: balance.optional().describe('how the tasks are weighed against each other: balancing.md; default equal'),
};

const checkpoint = z.preprocess(
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
);

const training = section({
  steps: count.optional().describe('updates; or give epochs'),
  epochs: positive.optional().describe('passes over the largest training split; or give steps'),
  seed: seed.optional().describe('order of the examples and draws of the training, where not the seed above'),
  evaluateEvery: count.optional().describe('steps between two measurements on the validation split'),
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
  ...stepping,
})
  .refine(({ steps, epochs }) => steps !== undefined || epochs !== undefined, {
    path: ['steps'],
    error: 'given, or training.epochs instead',
  })
  .refine(({ steps, epochs }) => steps === undefined || epochs === undefined, {
    path: ['epochs'],
    error: 'left out where training.steps is given',
  });

// `clothing:` with nothing after it is a task with nothing to say.
const task = z.preprocess(
  (value) => value ?? {},
  section({
    weight: notNegative.optional().describe('factor of the loss of the task; default 1'),
    learningRate: notNegative.optional().describe('factor of the learning rate of its own stem and head; default 1'),
  }),
);

const LATERALS = ['nonlinear', 'linear', 'none'] as const;
const laterals = z.union(
  [
    z.enum(LATERALS),
    section({
      kind: z
        .enum(LATERALS, { error: kinds(...LATERALS) })
        .optional()
        .describe('what an adapter is'),
      stem: text.optional().describe('a task through whose stem the examples go into earlier columns'),
    }),
  ],
  { error: `${kinds(...LATERALS)}, or a section with kind, stem` },
);
/** What a new task can be given of a trained source network, or, to compare, not be given. */
export const METHODS = ['scratch', 'head', 'fine-tune', 'random', 'progressive'] as const;

/** A list that is not empty and names nothing twice. */
const list = <Item extends z.ZodType>(item: Item, of: string) =>
  z
    .array(item, `a list of ${of}`)
    .min(1, `a list of at least one of the ${of}`)
    .refine((items) => new Set(items.map(String)).size === items.length, `a list that names none of the ${of} twice`);

const PART = 'a number > 0 and <= 1';
const transfer = section({
  targets: list(text, 'tasks').describe('tasks that are learned from others'),
  sources: list(list(text, 'tasks'), 'lists of tasks')
    .optional()
    .describe('what is learned before, each a network; without them all other tasks, together'),
  examples: list(z.number(PART).positive(PART).max(1, PART), 'shares of the training examples')
    .default([1])
    .describe('parts of the training examples of a target'),
  seeds: count.default(3).describe('how often all is done, each time by another seed'),
  methods: list(z.enum(METHODS, { error: kinds(...METHODS) }), 'methods')
    .default([...METHODS])
    .describe('what a target is given of the source'),
  training: section({ steps: count.describe('updates'), ...stepping }).describe('how a target is trained'),
  points: count.default(8).describe('measurements on the way; a divisor of the steps'),
  evaluateExamples: count.optional().describe('examples of each measurement on the way'),
}).refine(({ points, training: { steps } }) => steps % points === 0, {
  path: ['points'],
  error: ({ input }) =>
    `a divisor of transfer.training.steps (${(input as { training: { steps: number } }).training.steps}), by default 8`,
});

/** Tells of keys that name no task. */
function addUnknown(context: z.RefinementCtx, path: string[], value: object, known: readonly string[]): void {
  const tasks = new Set(known);
  const unknown = Object.keys(value).filter((name) => !tasks.has(name));
  if (unknown.length === 0) return;
  const expected = `is no task of this experiment. Expected names of tasks: ${listed(known)}`;
  context.addIssue({
    code: 'unrecognized_keys',
    keys: unknown,
    path,
    input: value as Record<string, unknown>,
    message: unknownText(unknown, (name) => `${expected}. ${didYouMean(name, known, 'Remove it.')}`),
  });
}

export const experimentSchema = section({
  name: z
    .string('a name of letters, digits, ".", "-" or "_"')
    .regex(/^[\w][\w.-]*$/, 'a name of letters, digits, ".", "-" or "_"')
    .optional()
    .describe('name of the run; without it that of the file'),
  seed: seed.optional().describe('beginning of all draws'),
  base: text.optional().describe('a run, or a saved network, beside which the tasks become a new column'),
  trunk: trunk
    .optional()
    .describe('the network, or the new column; beside a base it may be left out, and is as its first column'),
  laterals: laterals.optional().describe('how earlier columns come into the new one: columns.md; default nonlinear'),
  tasks: z
    .record(z.string(), task, 'a section with a key for each task')
    .refine((tasks) => Object.keys(tasks).length > 0, 'a section with at least one task')
    .describe('the tasks, each by its name'),
  plugins: z
    .array(text, 'a list of files and packages')
    .default([])
    .describe('where tasks that are not built in come from: plugins.md'),
  training: training.describe('how it is trained'),
  report: z.boolean('true or false').optional().describe('whether the run ends with a page about it'),
  transfer: transfer.optional().describe('what `banyan transfer` compares'),
})
  .refine(({ trunk: given, base }) => given !== undefined || base !== undefined, {
    path: ['trunk'],
    error: 'a section with kind, width, depth',
  })
  .refine(({ laterals: given, base }) => given === undefined || base !== undefined, {
    path: ['laterals'],
    error: 'left out where there is no base',
  })
  .refine(({ trunk: given, transfer }) => given?.sharing === undefined || transfer === undefined, {
    path: ['trunk', 'sharing'],
    // What of such a trunk belongs to its tasks alone has no place in a network with one more.
    error: 'left out where there is a transfer',
  })
  .superRefine(({ tasks, training, transfer }, context) => {
    const names = Object.keys(tasks);
    const stepping = [
      { path: ['training'], known: names, ...training },
      { path: ['transfer', 'training'], known: [...names, ...(transfer?.targets ?? [])], ...transfer?.training },
    ];
    for (const { path, known, batch, balance } of stepping) {
      const isKnown = new Set<unknown>(known);
      if (typeof batch === 'object') addUnknown(context, [...path, 'batch'], batch, known);
      if (typeof balance !== 'object') continue;
      for (const [option, value] of Object.entries(balance.options ?? {})) {
        const place = [...path, 'balance', 'options', option];
        const form = tasksInOption(balance.method, option);
        const [perTask, names] = [form === 'numbers', form === 'list'];
        if (perTask && Array.isArray(value)) {
          const message = `a section with a number for each task, by its name (${listed(known.map((name) => `${name}: …`))})`;
          context.addIssue({ code: 'custom', path: place, message });
        } else if (perTask && typeof value === 'object' && value !== null) addUnknown(context, place, value, known);
        else if (names && !(Array.isArray(value) && value.every((name) => isKnown.has(name)))) {
          context.addIssue({ code: 'custom', path: place, message: `a list of names of tasks: ${listed(known)}` });
        }
      }
    }
    for (const [i, names] of (transfer?.sources ?? []).entries()) {
      for (const [j, name] of names.entries()) {
        if (Object.hasOwn(tasks, name)) continue;
        const path = ['transfer', 'sources', i, j];
        context.addIssue({ code: 'custom', path, message: `one of \`tasks\`: ${listed(Object.keys(tasks))}` });
      }
    }
  });

/** What an experiment file may say. */
export type ExperimentFile = z.input<typeof experimentSchema>;
/** A checked experiment. */
export type Experiment = z.output<typeof experimentSchema>;
export type TrunkData = NonNullable<Experiment['trunk']>;
export type SharingData = NonNullable<TrunkData['sharing']>;
export type OptimizerData = NonNullable<Experiment['training']['optimizer']>;
export type ScheduleData = NonNullable<Experiment['training']['schedule']>;
export type TransferData = NonNullable<Experiment['transfer']>;
export type Method = (typeof METHODS)[number];
