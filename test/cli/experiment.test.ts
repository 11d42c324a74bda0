import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildTrunk, forTasks } from '../../src/experiment/build.ts';
import { growExperiment } from '../../src/experiment/grow.ts';
import { loadExperiment } from '../../src/experiment/load.ts';
import { loadPlugins } from '../../src/experiment/plugins/load.ts';
import { pickTasks } from '../../src/experiment/plugins/pick.ts';
import { experimentSchema } from '../../src/experiment/schema.ts';
import { words } from '../../src/experiment/words.ts';
import { didYouMean, nearest } from '../../src/nearest.ts';
import { experimentDifferences } from '../../src/study/run/differences.ts';
import { writeExperiment } from '../../src/study/run/folder.ts';
import { root, temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
let files = 0;

/** The message that an experiment of this text gives, the file's name apart. */
async function messageOf(text: string, ending = 'yaml'): Promise<string> {
  const file = join(folder, `${++files}.${ending}`);
  writeFileSync(file, text);
  const error = await loadExperiment(file).then(
    () => new Error('no error'),
    (reason: Error) => reason,
  );
  return error.message.replaceAll(file, 'FILE');
}

const GOOD = `
trunk: { kind: transformer, width: 16, depth: 1, heads: 2 }
tasks:
  shapes:
training:
  steps: 10
  batch: 8
`;

describe('an experiment file', () => {
  it('is read from YAML, with its defaults', async () => {
    const file = join(folder, 'my-run.yaml');
    writeFileSync(file, GOOD);
    const { experiment } = await loadExperiment(file);
    expect(experiment).toEqual({
      name: 'my-run',
      seed: 0,
      trunk: { kind: 'transformer', width: 16, depth: 1, heads: 2 },
      tasks: { shapes: {} },
      plugins: [],
      training: { steps: 10, batch: 8 },
    });
  });

  it('is read from JSON and TypeScript, plugins made absolute', async () => {
    const { experiment } = await loadExperiment(join(root, 'test/cli/fixtures/experiment.ts'));
    expect(experiment).toMatchObject({ name: 'from-a-program', plugins: [join(root, 'test/cli/fixtures/plugin.ts')] });
    const file = join(folder, 'same.json');
    writeFileSync(file, JSON.stringify(experiment));
    expect((await loadExperiment(file)).experiment).toEqual(experiment);
  });

  it.each([
    [
      'batch: 8',
      'batch: many',
      'FILE, line 7: training.batch must be a whole number >= 1, or a section with one for each task, received "many". Change it to that.',
    ],
    [
      'batch: 8',
      'batch: 2.5',
      'FILE, line 7: training.batch must be a whole number >= 1, or a section with one for each task, received 2.5. Change it to that.',
    ],
    [
      'batch: 8',
      'batch: { shapes: 8, shaps: 8 }',
      'FILE, line 7: training.batch.shaps is no task of this experiment. Expected names of tasks: shapes. Did you mean "shapes"?',
    ],
    [
      'batch: 8',
      'batch: 8\n  balance: { method: static, options: { weights: [1] } }',
      'FILE, line 8: training.balance.options.weights must be a section with a number for each task, by its name (shapes: …), received [1]. Change it to that.',
    ],
    [
      'batch: 8',
      'batch: 8\n  balance: { method: upgrad, options: { prefVector: { digits: 1 } } }',
      'FILE, line 8: training.balance.options.prefVector.digits is no task of this experiment. Expected names of tasks: shapes. Remove it.',
    ],
    [
      'batch: 8',
      'batch: 8\n  balance: { method: auto-lambda, options: { primary: [0] } }',
      'FILE, line 8: training.balance.options.primary must be a list of names of tasks: shapes, received [0]. Change it to that.',
    ],
    [
      '  batch: 8\n',
      '',
      'FILE, line 5: training.batch must be a whole number >= 1, or a section with one for each task, received nothing. Add it.',
    ],
    [
      'batch: 8',
      'batsh: 8\n  batch: 8',
      'FILE, line 7: training.batsh is no key of an experiment. Expected one of: steps, epochs, seed, evaluateEvery, evaluateExamples, stop, best, parameters, compareGradientsEvery, checkpoint, sourceTimeout, threads, batch, accumulate, optimizer, schedule, average, clip, compile, precision, exchange, synchronizeEvery, sampler, balance. Did you mean "batch"?',
    ],
    [
      'batch: 8',
      'batch: 8\n  checkpoint: { every: 0 }',
      'FILE, line 8: training.checkpoint.every must be a whole number >= 1, received 0. Raise it to 1 or more.',
    ],
    [
      'batch: 8',
      'batch: 8\n  checkpoint: { evry: 5 }',
      'FILE, line 8: training.checkpoint.evry is no key of an experiment. Expected one of: every, minutes. Did you mean "every"?',
    ],
    [
      'batch: 8',
      'batch: 8\n  checkpoint: never',
      'FILE, line 8: training.checkpoint must be off, or a section with every, minutes, received "never". Change it to that.',
    ],
    [
      'shapes:',
      'shapes: { colour: red }',
      'FILE, line 4: tasks.shapes.colour is no key of an experiment. Expected one of: data, inputs, target, weight, learningRate, at, augment, metrics. Remove it.',
    ],
    [
      'heads: 2',
      'heads: 3',
      'FILE, line 2: trunk.heads must be a divisor of width (16), received 3. Choose another number of heads.',
    ],
    [
      'depth: 1',
      'depth: 0',
      'FILE, line 2: trunk.depth must be a whole number >= 1, received 0. Raise it to 1 or more.',
    ],
    [
      'kind: transformer',
      'kind: forest',
      'FILE, line 2: trunk.kind must be one of "conv", "dense", "encoder", "multi-model", "stacked", "transformer", received "forest". Name one of these, or add the plugin that brings it.',
    ],
    [
      'heads: 2',
      'heads: 2, sharing: moe',
      'FILE, line 2: trunk.sharing must be one of "branching", "cgc", "cross-stitch", "dselect-k", "mmoe", "mtan", "ple", or a section with kind, received "moe". Did you mean "mmoe"?',
    ],
    [
      'heads: 2',
      'heads: 2, sharing: { kind: moe }',
      'FILE, line 2: trunk.sharing.kind must be one of "branching", "cgc", "cross-stitch", "dselect-k", "mmoe", "mtan", "ple", received "moe". Did you mean "mmoe"?',
    ],
    [
      'heads: 2',
      'heads: 2, sharing: { kind: mmoe, expert: 4 }',
      'FILE, line 2: trunk.sharing.expert is no option of mmoe. Expected one of: kind, experts. Did you mean "experts"?',
    ],
    [
      'heads: 2',
      'heads: 2, sharing: { kind: dselect-k, experts: 6 }',
      'FILE, line 2: trunk.sharing.experts must be a power of two >= 2, received 6. Choose 4 or 8: each is named by a code of bits.',
    ],
    [
      'heads: 2 }',
      'heads: 2, sharing: mmoe }\ntransfer: { targets: [shapes], training: { steps: 8, batch: 2 } }',
      'FILE, line 2: trunk.sharing must be left out where there is a transfer, received "mmoe". Remove it.',
    ],
    [
      'steps: 10',
      'seed: 1',
      'FILE, line 5: training.steps must be given, or training.epochs instead, received nothing. Add it.',
    ],
    ...[
      ['-1', 'Raise it to 0 or more.'],
      ['1.5', 'Round it.'],
      ['9007199254740992', 'Lower it.'],
      ['"1"', 'Write it without quotes.'],
    ].map(([seed, mend]) => [
      'trunk',
      `seed: ${seed}\ntrunk`,
      `FILE, line 2: seed must be a whole number from 0 to 2^53 - 1, received ${seed}. ${mend}`,
    ]),
    [
      'steps: 10',
      'steps: 10\n  evaluateExamples: 2',
      'FILE, line 7: training.evaluateExamples must be left out where there is no training.evaluateEvery, received 2. Add training.evaluateEvery, or remove it.',
    ],
    ...[
      ['stop', '{"perTask":{"patience":3}}'],
      ['best', '{}'],
    ].map(([key, value]) => [
      'steps: 10',
      `steps: 10\n  ${key}: ${value}`,
      `FILE, line 7: training.${key} must be left out where there is no training.evaluateEvery, received ${value}. Add training.evaluateEvery, or remove it.`,
    ]),
    [
      'steps: 10',
      'steps: 10\n  evaluateEvery: 5\n  stop: { task: shape, patience: 3 }',
      'FILE, line 8: training.stop.task must be one of `tasks`: shapes, received "shape". Did you mean "shapes"?',
    ],
    [
      'steps: 10',
      'steps: 10\n  evaluateEvery: 5\n  best: { task: shape }',
      'FILE, line 8: training.best.task must be one of `tasks`: shapes, received "shape". Did you mean "shapes"?',
    ],
    [
      'steps: 10',
      'steps: 10\n  evaluateEvery: 5\n  stop: { patience: 3 }',
      'FILE, line 8: training.stop.task must be the name of the task by which the training stops, or perTask for each by itself, received nothing. Add it.',
    ],
    [
      'steps: 10',
      'steps: 10\n  evaluateEvery: 5\n  stop: { pertask: { patience: 3 } }',
      'FILE, line 8: training.stop.pertask is no option of stop. Expected one of: perTask, task, patience, minDelta, from, metric. Did you mean "perTask"?',
    ],
    [
      'steps: 10',
      'steps: 10\n  evaluateEvery: 5\n  stop: { perTask: { patience: 0 } }',
      'FILE, line 8: training.stop.perTask.patience must be a whole number >= 1, received 0. Raise it to 1 or more.',
    ],
    [
      'steps: 10',
      'steps: 10\n  epochs: 2',
      'FILE, line 7: training.epochs must be left out where training.steps is given, received 2. Remove it.',
    ],
    [
      'steps: 10',
      'steps: 10\n  optimizer: { kind: sgd }',
      'FILE, line 7: training.optimizer.learningRate must be a number >= 0, received nothing. Add it.',
    ],
    [
      'steps: 10',
      'steps: 10\n  schedule: { kind: warmup-cosine, warmup: -1 }',
      'FILE, line 7: training.schedule.warmup must be a whole number >= 0, received -1. Raise it to 0 or more.',
    ],
  ])('%s → %s', async (good, wrong, message) => {
    expect(await messageOf(GOOD.replace(good, wrong))).toBe(message);
  });

  it('tells all that is wrong at once', async () => {
    const message = await messageOf(GOOD.replace('depth: 1', 'depth: 0').replace('batch: 8', 'batch: 0'));
    expect(message.split('\n')).toHaveLength(2);
  });

  it('that is no YAML or JSON is told with its line', async () => {
    expect(await messageOf('trunk: [1, 2')).toMatch(/^FILE, line 1: this is not YAML: .* Correct this line\.$/);
    expect(await messageOf('{\n "seed": 1,\n "seed": 2\n}', 'json')).toMatch(
      /^FILE, line 3: this is not JSON: Map keys must be unique/,
    );
    expect(await messageOf('', 'yaml')).toBe(
      'FILE: an experiment must be a section with name, seed, base, trunk, pretrained, laterals, tasks, data, plugins, training, report, log, transfer, search, received null. Give a section instead.',
    );
  });

  it.each([
    [
      'an unknown tag',
      'seed: !secret 1',
      '1: this is not YAML: Unresolved tag: !secret, expected plain values. Remove the tag.',
    ],
    [
      'a second document',
      'seed: 1\n---\nseed: 2',
      '2: this is not YAML: expected one document, received several. Remove what begins with the second "---".',
    ],
    ['a tab', 'trunk:\n\tkind: dense', '2: this is not YAML: Tabs are not allowed as indentation. Indent with spaces.'],
    [
      'an alias without an anchor',
      'seed: 1\ntasks: *none',
      '2: the alias *none stands for nothing, expected an anchor before it. Set &none there, or correct the name.',
    ],
    [
      'an alias of itself',
      'tasks: &a { x: *a }',
      '1: the alias *a stands inside of what it stands for. Write out what it should be.',
    ],
    [
      'a merge',
      'a: &a { b: 1 }\ntrunk:\n  <<: *a',
      '3: it merges sections by "<<", which YAML 1.2 has not. Write out the keys.',
    ],
    [
      'a list as a key',
      'seed: 1\n? [a]\n: 1',
      '2: a section or list is a key, expected a word. Name the key by a word.',
    ],
    [
      'a key of every object',
      'seed: 1\ntasks:\n  __proto__: { weight: 2 }',
      '3: "__proto__" can be no key. Rename it.',
    ],
    [
      'aliases of aliases',
      [
        'a: &a [x,x,x,x,x,x,x,x,x,x]',
        'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]',
        'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
        'd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]',
      ].join('\n'),
      '4: aliases of aliases make this too large (Excessive alias count indicates a resource exhaustion attack). Write out what the aliases stand for.',
    ],
  ])('with %s is refused with its line', async (_, text, message) => {
    expect(await messageOf(text)).toBe(`FILE, line ${message}`);
  });

  it('may use an alias', async () => {
    expect(await messageOf(GOOD.replace('width: 16', 'width: &w 16').replace('batch: 8', 'batch: *w'))).toBe(
      'no error',
    );
  });

  it('may say that nothing is clipped, and other numbers as YAML writes them', async () => {
    const file = join(folder, 'unclipped.yaml');
    writeFileSync(file, GOOD.replace('steps: 10', 'steps: 1e3').replace('batch: 8', 'batch: 0x10\n  clip: .inf'));
    const { experiment } = await loadExperiment(file);
    expect(experiment.training).toEqual({ steps: 1000, batch: 16, clip: Number.POSITIVE_INFINITY });
    await writeExperiment(folder, experiment);
    expect((await loadExperiment(join(folder, 'experiment.json'))).experiment).toEqual(experiment);
    expect(experimentDifferences(experiment, experiment)).toEqual([]);
    const { training } = experiment;
    expect(experimentDifferences(experiment, { ...experiment, training: { ...training, clip: 1 } })).toEqual([
      'training.clip is 1, was Infinity',
    ]);
    expect(await messageOf(GOOD.replace('batch: 8', 'batch: 8\n  clip: -.inf'))).toBe(
      'FILE, line 8: training.clip must be a number > 0, or .inf for no clipping (1e999 in JSON), received -Infinity. Change it to that.',
    );
    expect(await messageOf(GOOD.replace('batch: 8', 'batch: .nan'))).toMatch(
      /received NaN\. Look for what made it NaN: /,
    );
    expect(await messageOf(GOOD.replace('steps: 10', 'steps: 10\n  seed: 123456789012345678901'))).toMatch(
      /^FILE, line 7: training\.seed must be /,
    );
  });

  it('does not take what every object has for a task', async () => {
    const transfer = 'transfer: { targets: [shapes], sources: [[constructor]], training: { steps: 8, batch: 8 } }';
    expect(await messageOf(`${GOOD}${transfer}`)).toBe(
      'FILE, line 8: transfer.sources.0.0 must be one of `tasks`: shapes, received "constructor". Change it to that.',
    );
  });

  it('must be there and of a known kind', async () => {
    await expect(loadExperiment('no-such.yaml')).rejects.toThrow(
      'no-such.yaml cannot be read: there is no such file or folder. Check the path.',
    );
    const place = join(folder, 'folder.yaml');
    mkdirSync(place);
    await expect(loadExperiment(place)).rejects.toThrow(
      `${place} cannot be read: it is a folder, not a file. Give the path of a file.`,
    );
    const latin = join(folder, 'latin.yaml');
    writeFileSync(latin, Buffer.from('name: caf\u00e9', 'latin1'));
    await expect(loadExperiment(latin)).rejects.toThrow(`${latin} is no text: expected UTF-8. Save it as UTF-8.`);
    await expect(loadExperiment('experiment.toml')).rejects.toThrow(
      'experiment.toml is no experiment: expected a file that ends in .yaml, .yml, .json, .ts, .mts, .js, .mjs. Rename it or choose another.',
    );
    const plugin = join(root, 'test/cli/fixtures/no-plugin.ts');
    await expect(loadExperiment(plugin)).rejects.toThrow(
      `${plugin} exports somethingElse, expected the experiment as its default export. Write \`export default { … }\`.`,
    );
  });

  it.each(['cross-stitch', 'mmoe', 'cgc', 'ple', 'mtan', 'dselect-k', 'branching'])(
    'says how tasks share a trunk: %s',
    (kind) => {
      const experiment = (sharing: unknown) =>
        experimentSchema().parse({
          trunk: { kind: 'dense', width: 4, depth: 2, sharing },
          tasks: { a: {} },
          training: { steps: 1, batch: 2 },
        });
      expect(experiment(kind)).toEqual(experiment({ kind }));
      expect(buildTrunk(experiment(kind).trunk!).config).toMatchObject({
        kind,
        trunk: { kind: 'dense', width: 4, depth: 2 },
      });
    },
  );

  it('keeps what it gives by the names of tasks for those alone', () => {
    const balance = { method: 'upgrad', options: { prefVector: { a: 1, b: 2 } } };
    const training = { steps: 1, batch: { a: 2, b: 4 }, balance };
    expect(forTasks(training, ['b'])).toEqual({
      steps: 1,
      batch: { b: 4 },
      balance: { method: 'upgrad', options: { prefVector: { b: 2 } } },
    });
    const judged = { ...training, evaluateEvery: 5, stop: { task: 'a', patience: 1 }, best: { task: 'b' } };
    expect(forTasks(judged, ['b'])).toMatchObject({ best: { task: 'b' } });
    expect(forTasks(judged, ['b'])).not.toHaveProperty('stop');
    expect(forTasks(judged, ['a'])).not.toHaveProperty('best');
    const run = { trunk: { kind: 'dense', width: 4, depth: 2 }, tasks: { a: {}, b: {} }, training } as const;
    const loaded = { file: 'f', place: () => '', experiment: { ...experimentSchema().parse(run), name: 'n', seed: 0 } };
    // Tasks that the run did not have.
    expect(growExperiment(loaded, 'runs/n', { tasks: ['c'] }).experiment.training).toMatchObject({
      batch: 4,
      balance: { method: 'upgrad', options: {} },
    });
  });

  it('gives a way of sharing its options', () => {
    const trunk = { kind: 'conv', width: 4, depth: 2, sharing: { kind: 'dselect-k', experts: 8, selected: 3 } };
    const checked = experimentSchema().parse({ trunk, tasks: { a: {} }, training: { steps: 1, batch: 2 } });
    expect(buildTrunk(checked.trunk!).config).toMatchObject({ kind: 'dselect-k', experts: 8, selected: 3 });
  });

  it('that was checked is a valid one again', () => {
    const once = experimentSchema().parse({
      trunk: { kind: 'conv', width: 4, depth: 2, kernel: 3, dropout: 0.1, sharing: 'mtan' },
      tasks: { a: null },
      training: { epochs: 0.5, batch: 2, checkpoint: { every: 5 } },
    });
    expect(experimentSchema().parse(once)).toEqual(once);
  });
});

describe('plugins', () => {
  it('bring tasks, the built-in ones first; weight and learning rate are overridden', async () => {
    const loaded = await loadExperiment(join(root, 'test/cli/fixtures/experiment.ts'));
    const plugins = await loadPlugins(loaded.experiment.plugins);
    expect(plugins.tasks.map(({ plugin }) => plugin)).toContain('banyan-ml/tasks');
    expect(
      pickTasks(loaded, plugins).map(({ name, weight, learningRate }) => ({ name, weight, learningRate })),
    ).toEqual([
      { name: 'larger', weight: 1, learningRate: 1 },
      { name: 'shapes', weight: 0.5, learningRate: 2 },
    ]);
  });

  it('must not bring a task twice', async () => {
    const rival = join(root, 'test/cli/fixtures/rival.ts');
    await expect(loadPlugins([rival])).rejects.toThrow(
      `Two plugins bring a task "shapes": banyan-ml/tasks and ${rival}. Expected each name once. Rename the task in one of them.`,
    );
  });

  it('must export a ContainerModule by default', async () => {
    const file = join(root, 'test/cli/fixtures/no-plugin.ts');
    await expect(loadPlugins([file])).rejects.toThrow(
      `Plugin ${file} has no default export, expected an inversify ContainerModule. Write \`export default taskPlugin(myTask)\`.`,
    );
  });

  it('an unknown task is told with the known ones', async () => {
    const file = join(folder, 'typo.yaml');
    writeFileSync(file, GOOD.replace('shapes:', 'shpaes:'));
    const loaded = await loadExperiment(file);
    const { tasks } = await loadPlugins([]);
    const known = tasks.map(({ task }) => task.name).sort();
    expect(() => pickTasks(loaded, { tasks })).toThrow(
      `${file}, line 4: there is no task "shpaes". Expected one of: ${known.join(', ')}. Did you mean "shapes"?`,
    );
  });
});

describe('an experiment in words', () => {
  it('has sections within sections', () => {
    const trunk = { kind: 'conv', width: 64, sharing: { kind: 'mmoe', experts: 4 } };
    expect(words(trunk)).toBe('conv, width 64, sharing mmoe, experts 4');
    expect(words({ catch: 16, shapes: 8 })).toBe('catch 16, shapes 8');
    expect(words(8)).toBe('8');
  });
});

describe('the nearest word', () => {
  it('is one that was probably meant', () => {
    expect(nearest('bacth', ['steps', 'batch'])).toBe('batch');
    expect(nearest('Batch', ['steps', 'batch'])).toBe('batch');
    expect(nearest('colour', ['weight', 'learningRate'])).toBeUndefined();
    expect(didYouMean('x', ['weight'], 'Remove it.')).toBe('Remove it.');
  });
});
