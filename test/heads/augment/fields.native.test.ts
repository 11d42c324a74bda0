// Augmentations of columns of one's own data, as a file says them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNetwork, evaluate, startRuntime, train, transformerTrunk } from 'banyan-ml';
import { dataSet, dataTask } from 'banyan-ml/fields';
import { lastValueFrom } from 'rxjs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../repository.ts';

const folder = join(temporaryFolder(), 'photos');
beforeAll(async () => {
  await startRuntime();
  mkdirSync(folder, { recursive: true });
  for (const [name, grey] of Object.entries({ light: 220, dark: 30 })) {
    const raw = { width: 8, height: 8, channels: 3 as const };
    await sharp(new Uint8Array(192).fill(grey), { raw })
      .png()
      .toFile(join(folder, `${name}.png`));
  }
  const lines = Array.from({ length: 60 }, (_, i) => {
    const photo = i % 3 === 0 ? 'light' : 'dark';
    const note = i % 2 === 0 ? 'a good day' : 'a long bad night';
    return [`${photo}.png`, note, `${photo} ${note.split(' ').at(-1)}`].join(',');
  });
  writeFileSync(join(folder, 'rows.csv'), ['photo,note,state', ...lines, ''].join('\n'));
});

const taskWith = (photo: object, note: object = {}, target: object = {}) =>
  dataTask({
    name: 'state',
    data: dataSet({ file: join(folder, 'rows.csv') }),
    inputs: { photo: { kind: 'picture', size: 8, ...photo }, note: { kind: 'text', length: 8, ...note } },
    target: { column: 'state', kind: 'class', ...target },
  });

describe('columns with augmentations', () => {
  it('learn from mixtures of all inputs of a row', async () => {
    const augment = ['crop', { kind: 'colour', brightness: 0.1 }, { kind: 'mixup', alpha: 0.3 }];
    const task = await taskWith({ augment }, { wordNoise: 0.05 }, { labelSmoothing: 0.1 });
    const trunk = transformerTrunk({ width: 16, depth: 1, heads: 2 });
    const network = await createNetwork({ trunk, tasks: [task] as never, seed: 1 });
    await lastValueFrom(train(network, { steps: 120, batch: 16, seed: 1 }));
    const { state } = (await evaluate(network)) as Record<string, Record<string, number>>;
    expect(state!.accuracy).toBe(1);
    network.dispose();
  });

  it('are mixed once', async () => {
    const task = await taskWith({ augment: ['cutmix'] }, { mixup: 0.3 });
    const network = await createNetwork({
      trunk: transformerTrunk({ width: 8, depth: 1, heads: 2 }),
      tasks: [task] as never,
    });
    await expect(lastValueFrom(train(network, { steps: 1, batch: 8 }))).rejects.toThrow(
      'are mixed twice before one trunk',
    );
    network.dispose();
  });

  it('say which one is wrong', async () => {
    await expect(taskWith({ augment: [{ kind: 'rotation', degrees: 200 }] })).rejects.toThrow(
      'must be a number from 0 to 180, received 200. Lower it to 180 or less.',
    );
    await expect(taskWith({ augment: ['colour'] })).rejects.toThrow(
      'must be a section with at least one of brightness, contrast, saturation and hue above 0, received',
    );
    await expect(taskWith({ augment: ['mask-time'] })).rejects.toThrow('must be one of "colour", "crop"');
  });
});
