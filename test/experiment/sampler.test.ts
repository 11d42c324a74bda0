// What an experiment says of a sampler.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Container } from 'inversify';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildSourceTraining, buildTargetTraining, buildTrainOptions } from '../../src/experiment/build.ts';
import { growExperiment } from '../../src/experiment/grow.ts';
import { loadExperiment } from '../../src/experiment/load.ts';
import { count, type Kind, optionsOf } from '../../src/plugin.ts';
import {
  roundRobin,
  SAMPLER_KIND,
  type Sampler,
  samplerForTasks,
  samplerKinds,
  samplerTaskNames,
} from '../../src/sample/index.ts';
import { temporaryFolder } from '../repository.ts';

const place = temporaryFolder();
let files = 0;
/** Loads an experiment of three tasks whose sampler is this. */
async function load(sampler: string, training = 'steps: 8'): Promise<Awaited<ReturnType<typeof loadExperiment>>> {
  const file = join(place, `e${files++}.yaml`);
  writeFileSync(
    file,
    `trunk: { kind: dense, width: 4, depth: 1 }
tasks: { above: , right: , below: }
training:
  ${training}
  batch: 4
  sampler: ${sampler}
transfer:
  targets: [below]
  training: { steps: 8, batch: 4, sampler: ${sampler} }
`,
  );
  return loadExperiment(file);
}
const messageOf = (sampler: string, training?: string) =>
  load(sampler, training).then(
    () => 'no error',
    (error: Error) => error.message.replace(/\S*\/e\d+\.yaml/, 'FILE'),
  );
const points = '[{ step: 1, weights: { above: 1, right: 2, below: 0 } }]';

describe('the sampler of an experiment', () => {
  it('is named alone, or with its options', async () => {
    const build = async (sampler: string) => buildTrainOptions((await load(sampler)).experiment, 'folder').sampler;
    expect((await build('round-robin'))!.config).toEqual({ kind: 'round-robin', tasks: 1 });
    expect((await build('{ kind: temperature, temperature: 2, tasks: 2 }'))!.config).toEqual({
      kind: 'temperature',
      temperature: 2,
      tasks: 2,
      sizes: null,
    });
  });

  it('is left out, and then all tasks take part', async () => {
    const { experiment } = await load('all');
    const { sampler: _, ...training } = experiment.training;
    expect(buildTrainOptions({ ...experiment, training }, 'folder')).not.toHaveProperty('sampler');
  });

  it('is, in a transfer, for the tasks that are trained alone', async () => {
    const { experiment } = await load(`{ kind: scheduled, tasks: 2, points: ${points} }`);
    const configOf = (options: { sampler?: { config: unknown } }) => options.sampler!.config;
    expect(configOf(buildSourceTraining(experiment, ['above', 'right'], 1) as never)).toEqual({
      kind: 'scheduled',
      tasks: 2,
      points: [{ step: 1, weights: { above: 1, right: 2 } }],
    });
    const sizes = await load('{ kind: proportional, tasks: 3, sizes: { above: 9, below: 5 } }');
    expect(configOf(buildTargetTraining(sizes.experiment.transfer!, 'below', 1) as never)).toEqual({
      kind: 'proportional',
      tasks: 1,
      sizes: { below: 5 },
    });
  });

  it('is, for a column of new tasks, that of the run, unless it names tasks of that', async () => {
    const grown = async (sampler: string) =>
      growExperiment(await load(sampler), 'runs/n', { tasks: ['new'] }).experiment.training.sampler;
    expect(await grown('{ kind: temperature, temperature: 3, tasks: 2 }')).toEqual({
      kind: 'temperature',
      temperature: 3,
      tasks: 1,
    });
    expect(await grown('{ kind: proportional, sizes: { above: 3 } }')).toBeUndefined();
  });

  it('may be that of a plugin', async () => {
    const bindings = new Container();
    const half: Kind<Sampler, { readonly of: number; readonly each: Readonly<Record<string, number>> }> = {
      kind: 'half',
      about: 'Half of the tasks.',
      options: optionsOf('half', { of: count, each: z.record(z.string(), count).meta({ tasks: 'numbers' }) }),
      build: (options) => ({ ...roundRobin(), config: { kind: 'half', ...options } }),
    };
    bindings.bind(SAMPLER_KIND).toConstantValue(half);
    const data = { kind: 'half', of: 2, each: { a: 1, b: 2 } };
    expect(samplerKinds.build(data, bindings).config).toEqual(data);
    expect(samplerForTasks(data, ['b'], bindings)).toEqual({ ...data, each: { b: 2 } });
    // Its plugin may not be there yet.
    expect(samplerForTasks(data, ['b'])).toBe(data);
    expect(samplerTaskNames(data)).toEqual([]);
  });

  it.each([
    [
      'an unknown kind',
      'temprature',
      /training\.sampler must be one of "all", .*, received "temprature"\. Did you mean "temperature"\?/,
    ],
    [
      'an unknown option',
      '{ kind: round-robin, taks: 2 }',
      /is no option of round-robin\. Expected one of: kind, tasks\. Did you mean "tasks"\?/,
    ],
    [
      'a temperature of 0',
      '{ kind: temperature, temperature: 0 }',
      /training\.sampler\.temperature must be a number > 0, received 0\./,
    ],
    [
      'the size of no task',
      '{ kind: proportional, sizes: { abov: 3 } }',
      /training\.sampler\.sizes\.abov is no task of this experiment\. .*Did you mean "above"\?/,
    ],
    [
      'the weight of no task',
      '{ kind: scheduled, points: [{ step: 1, weights: { above: 1, rihgt: 1 } }] }',
      /training\.sampler\.points\.0\.weights\.rihgt is no task of this experiment\. .*Did you mean "right"\?/,
    ],
    [
      'no points',
      '{ kind: scheduled }',
      /training\.sampler\.points must be a list of sections with step, weights, received nothing\./,
    ],
  ])('tells of %s by its place', async (_, sampler, message) => {
    expect(await messageOf(sampler)).toMatch(message);
  });

  it('does not go with epochs', async () => {
    expect(await messageOf('all', 'epochs: 2')).toMatch(
      /training\.epochs must be left out where there is a sampler, received 2\. Remove it\./,
    );
  });
});
