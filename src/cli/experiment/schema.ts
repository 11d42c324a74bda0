import { z } from 'zod';
import { PER_TASK, TASK_LISTS } from '../../balance/options.ts';
import { didYouMean } from '../../nearest.ts';

// A leaf's error message is what was expected; problems.ts puts path, received value and mend around it.
const WHOLE = 'a whole number >= 1';
const count = z.int(WHOLE).min(1, WHOLE);
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
      return issue.keys
        .map(
          (key) =>
            `is no key of an experiment. Expected one of: ${known.join(', ')}. ${didYouMean(key, known, 'Remove it.')}`,
        )
        .join('\n');
    },
  });
}

const kinds = (...names: string[]) => `one of ${names.map((name) => `"${name}"`).join(', ')}`;

/** How tasks can share a trunk softly. */
export const SHARINGS = ['cross-stitch', 'mmoe', 'cgc', 'ple', 'mtan', 'dselect-k', 'branching'] as const;
const POWER = 'a power of two >= 2';
const experts = { shared: count.optional(), own: count.optional() };

/** How the tasks share the trunk's blocks: a kind by its name, or with its options. */
const sharing = z.preprocess(
  (value) => ((SHARINGS as readonly unknown[]).includes(value) ? { kind: value } : value),
  z.discriminatedUnion(
    'kind',
    [
      section({ kind: z.literal('cross-stitch') }),
      section({ kind: z.literal('mmoe'), experts: count.optional() }),
      section({ kind: z.literal('cgc'), ...experts }),
      section({ kind: z.literal('ple'), ...experts }),
      section({ kind: z.literal('mtan') }),
      section({
        kind: z.literal('dselect-k'),
        experts: count.refine((value) => value > 1 && Number.isInteger(Math.log2(value)), POWER).optional(),
        selected: count.optional(),
      }),
      section({ kind: z.literal('branching'), branches: count.optional() }),
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
  width: count,
  depth: count,
  heads: count,
  dropout: share.optional(),
  sharing: sharing.optional(),
}).refine(({ width, heads }) => width % heads === 0, {
  path: ['heads'],
  error: ({ input }) => `a divisor of trunk.width (${(input as { width: number }).width})`,
});
const conv = section({
  kind: z.literal('conv'),
  width: count,
  depth: count,
  kernel: count.optional(),
  dropout: share.optional(),
  sharing: sharing.optional(),
});
const dense = section({
  kind: z.literal('dense'),
  width: count,
  depth: count,
  dropout: share.optional(),
  sharing: sharing.optional(),
});

const trunk = z.discriminatedUnion('kind', [transformer, conv, dense], {
  error: (issue) =>
    (issue.code as string) === 'invalid_type'
      ? 'a section with kind, width, depth'
      : kinds('transformer', 'conv', 'dense'),
});

const adamOptions = { learningRate: notNegative.optional(), beta1: share.optional(), beta2: share.optional() };
const optimizer = z.discriminatedUnion(
  'kind',
  [
    section({ kind: z.literal('adam'), ...adamOptions, weightDecay: notNegative.optional() }),
    section({ kind: z.literal('adamw'), ...adamOptions, weightDecay: notNegative.optional() }),
    section({
      kind: z.literal('sgd'),
      learningRate: notNegative,
      momentum: share.optional(),
      nesterov: z.boolean('true or false').optional(),
      weightDecay: notNegative.optional(),
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
    section({ kind: z.literal('warmup-cosine'), warmup: z.int(FROM_ZERO).min(0, FROM_ZERO) }),
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
      method: text,
      options: z.record(z.string(), z.unknown(), 'a section with the options of the method').optional(),
      on: z.enum(['trunk', 'shared', 'activations'], { error: kinds('trunk', 'shared', 'activations') }).optional(),
    }),
  ],
  { error: 'the name of a method, or a section with method, options, on' },
);

const batch = z.union([count, z.record(z.string(), count)], {
  error: `${WHOLE}, or a section with one for each task`,
});

/** How a step is made. */
const stepping = {
  batch,
  accumulate: count.optional(),
  optimizer: optimizer.optional(),
  schedule: schedule.optional(),
  clip: norm.optional(),
  compile: z.enum(['auto', 'graph', 'xla', 'eager'], { error: kinds('auto', 'graph', 'xla', 'eager') }).optional(),
  precision: z.enum(['float32', 'mixed'], { error: kinds('float32', 'mixed') }).optional(),
  balance: balance.optional(),
};

const training = section({
  steps: count.optional(),
  epochs: positive.optional(),
  seed: seed.optional(),
  evaluateEvery: count.optional(),
  watchGradients: count.optional(),
  checkpoint: section({ every: count }).optional(),
  threads: count.optional(),
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
  section({ weight: notNegative.optional(), learningRate: notNegative.optional() }),
);

const LATERALS = ['nonlinear', 'linear', 'none'] as const;
const laterals = z.union(
  [
    z.enum(LATERALS),
    section({
      kind: z.enum(LATERALS, { error: kinds(...LATERALS) }).optional(),
      stem: z.string(TEXT).min(1, TEXT).optional(),
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
  targets: list(text, 'tasks'),
  sources: list(list(text, 'tasks'), 'lists of tasks').optional(),
  examples: list(z.number(PART).positive(PART).max(1, PART), 'shares of the training examples').default([1]),
  seeds: count.default(3),
  methods: list(z.enum(METHODS, { error: kinds(...METHODS) }), 'methods').default([...METHODS]),
  training: section({ steps: count, ...stepping }),
  points: count.default(8),
  evaluateExamples: count.optional(),
}).refine(({ points, training: { steps } }) => steps % points === 0, {
  path: ['points'],
  error: ({ input }) =>
    `a divisor of transfer.training.steps (${(input as { training: { steps: number } }).training.steps}), by default 8`,
});

/** Tells of keys that name no task. */
function addUnknown(context: z.RefinementCtx, path: string[], value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const expected = `is no task of this experiment. Expected names of tasks: ${known.join(', ')}`;
  context.addIssue({
    code: 'unrecognized_keys',
    keys: unknown,
    path,
    input: value as Record<string, unknown>,
    message: unknown.map((name) => `${expected}. ${didYouMean(name, known, 'Remove it.')}`).join('\n'),
  });
}

export const experimentSchema = section({
  name: z
    .string('a name of letters, digits, ".", "-" or "_"')
    .regex(/^[\w][\w.-]*$/, 'a name of letters, digits, ".", "-" or "_"')
    .optional(),
  seed: seed.optional(),
  /** A run, or a saved network, beside which the tasks become a new column. */
  base: text.optional(),
  /** Of the network, or of the new column; without one that is its first column's. */
  trunk: trunk.optional(),
  /** How earlier columns come into the new one. */
  laterals: laterals.optional(),
  tasks: z
    .record(z.string(), task, 'a section with a key for each task')
    .refine((tasks) => Object.keys(tasks).length > 0, 'a section with at least one task'),
  plugins: z.array(text, 'a list of files and packages').default([]),
  training,
  /** Whether a run ends with a page about it. */
  report: z.boolean('true or false').optional(),
  transfer: transfer.optional(),
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
      if (typeof batch === 'object') addUnknown(context, [...path, 'batch'], batch, known);
      if (typeof balance !== 'object') continue;
      for (const [option, value] of Object.entries(balance.options ?? {})) {
        const place = [...path, 'balance', 'options', option];
        const perTask = (PER_TASK as readonly string[]).includes(option);
        const names = (TASK_LISTS as readonly string[]).includes(option);
        if (perTask && Array.isArray(value)) {
          const message = `a section with a number for each task, by its name (${known.map((name) => `${name}: …`).join(', ')})`;
          context.addIssue({ code: 'custom', path: place, message });
        } else if (perTask && typeof value === 'object' && value !== null) addUnknown(context, place, value, known);
        else if (names && !(Array.isArray(value) && value.every((name) => known.includes(name)))) {
          context.addIssue({ code: 'custom', path: place, message: `a list of names of tasks: ${known.join(', ')}` });
        }
      }
    }
    for (const [i, names] of (transfer?.sources ?? []).entries()) {
      for (const [j, name] of names.entries()) {
        if (Object.hasOwn(tasks, name)) continue;
        const path = ['transfer', 'sources', i, j];
        context.addIssue({ code: 'custom', path, message: `one of \`tasks\`: ${Object.keys(tasks).join(', ')}` });
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
