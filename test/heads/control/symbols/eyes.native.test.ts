import * as tf from '@tensorflow/tfjs';
import { rules } from 'banyan-ml/heads/control';
import { gatheringSeen, scenes } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { objectStem, relationalReplay } from '../../../../heads/control/index.ts';
import {
  type AnyTask,
  createNetwork,
  defineTask,
  denseTrunk,
  evaluate,
  type Network,
  train,
} from '../../../../src/index.ts';
import { internals, outputsOf } from '../../../../src/network/index.ts';
import { NO_NETWORK } from '../../../../src/task/source.ts';
import { checkDisplay } from '../../../../src/testing/display.ts';
import { Gathering } from '../../../../tasks/gathering/game.ts';
import { drawGlyph } from '../../../../tasks/gathering/glyphs.ts';
import { numbersTask } from '../../../fixtures.ts';

const kinds = ['itself', 'kind 1', 'kind 2'];
const { actions } = new Gathering();
const seenTask = (options: Partial<Parameters<typeof relationalReplay>[0]> = {}): AnyTask =>
  defineTask({
    name: 'seen',
    stem: objectStem({ types: 3, reach: 8, most: 34 }),
    head: rules({ actions, types: kinds, reach: 8 }),
    source: relationalReplay({
      environment: () => new Gathering(),
      task: 'seen',
      eyes: { task: 'scenes', kinds },
      warmUp: 400,
      episodes: { validation: 0, test: 4 },
      seed: 1,
      ...options,
    }),
  });

/** A network whose eyes are made by hand: a filter for each glyph, which is strongest where it lies over it. */
async function withEyes(): Promise<Network> {
  const network: Network = await createNetwork({ trunk: denseTrunk({ width: 3, depth: 1 }), tasks: [scenes], seed: 1 });
  const kernel = new Float32Array(7 * 7 * 3).fill(-2);
  for (let type = 0; type < 3; type++) {
    drawGlyph(type, (row, column) => {
      kernel[((row + 1) * 7 + column + 1) * 3 + type] = 1;
    });
  }
  const variable = internals(network)
    .body.store.all()
    .find(({ name }) => name === 'stem/scenes/kernel')!.tensor;
  tf.tidy(() => variable.assign(tf.tensor(kernel, [7, 7, 1, 3])));
  return network;
}

const weights = (network: Network) =>
  Object.fromEntries(
    internals(network)
      .body.store.all()
      .map(({ name, tensor }) => [name, Float32Array.from(tensor.dataSync())]),
  );

describe('rules by eyes', () => {
  it('are learned in a column from pictures alone, without changing a bit of what was there', async () => {
    const network = await withEyes();
    const before = weights(network);
    const picture = new Float32Array(54 * 54);
    new Gathering().observe(picture);
    const [drawn] = await network.predict('scenes', [picture]);
    const task = seenTask();
    await network.addColumn({ tasks: [task], laterals: 'none' });
    await lastValueFrom(train(network, { steps: 220, batch: 64, seed: 1 }));
    const after = weights(network);
    for (const [name, values] of Object.entries(before)) expect(after[name], name).toEqual(values);
    expect((await network.predict('scenes', [picture]))[0]).toEqual(drawn);
    const { rewarded, punished } = (await evaluate(network)).seen!;
    expect(rewarded).toBeGreaterThanOrEqual(7);
    expect(punished).toBeLessThanOrEqual(0.5);

    const { body } = internals(network);
    const context = {
      ...NO_NETWORK,
      predict: (name: string, inputs: readonly unknown[]) => outputsOf(body, body.task(name), inputs),
    };
    const { display } = await task.source.demonstrate!(0, context);
    checkDisplay(display, 'the game');
    const [film] = display;
    if (film?.kind !== 'film') throw new Error('not a film');
    const [first, second] = film.marks!;
    expect(first!.length).toBe(17);
    expect(first![0]).toMatchObject({
      name: 'itself 1',
      label: expect.stringMatching(/^(up|right|down|left)$/),
      size: 6,
    });
    expect(first!.slice(1).some(({ says }) => says! > 0)).toBe(true);
    expect(second![0]!.track!.length).toBe(2);
    network.dispose();
  });

  it('are refused where nothing is seen to move, where the eyes go on learning, and without such eyes', async () => {
    const blind: Network = await createNetwork({ trunk: denseTrunk({ width: 3, depth: 1 }), tasks: [scenes], seed: 1 });
    tf.tidy(() => {
      for (const { name, tensor } of internals(blind).body.store.all())
        if (name === 'stem/scenes/kernel') tensor.assign(tf.zerosLike(tensor));
    });
    await blind.addColumn({ tasks: [seenTask()], laterals: 'none' });
    const once = (network: Network, steps = 1) => lastValueFrom(train(network, { steps, batch: 8, seed: 1 }));
    await expect(once(blind)).rejects.toThrow(
      'The eyes of task "seen" see nothing that moves in 404 pictures of a game that is played at random. Expected trained eyes, and one who acts. Train task "scenes" for longer, before this one.',
    );
    blind.dispose();

    const other = seenTask({ eyes: { task: 'numbers', kinds } });
    const wrong: Network = await createNetwork({
      trunk: denseTrunk({ width: 3, depth: 1 }),
      tasks: [numbersTask('numbers'), other],
      seed: 1,
    });
    await expect(once(wrong)).rejects.toThrow(/expected/);
    wrong.dispose();
    expect(() => seenTask({ eyes: { task: 'scenes', kinds: [] } })).toThrow('kinds must be a whole number >= 1');
    expect(gatheringSeen.name).toBe('gathering-seen');
  });
});
