import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom, toArray } from 'rxjs';
import { afterAll, expect, it } from 'vitest';
import {
  adam,
  constantSchedule,
  createNetwork,
  denseTrunk,
  type Network,
  resume,
  sgd,
  type TrainOptions,
  train,
} from '../../src/index.ts';
import { internals } from '../../src/network/index.ts';
import { resumeChanged } from '../../src/train/index.ts';
import { numbersTask } from '../fixtures.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const networks: Network[] = [];
afterAll(() => {
  for (const network of networks) network.dispose();
});

async function made(weight = 1): Promise<Network> {
  const network = await createNetwork({
    trunk: denseTrunk({ width: 8, depth: 1 }),
    tasks: [numbersTask('a'), numbersTask('b', (x) => x[1]!, { weight })],
    seed: 1,
  });
  networks.push(network);
  return network;
}
const weights = (network: Network) =>
  internals(network)
    .body.store.all()
    .map(({ name, tensor }) => [name, [...tensor.dataSync()]] as const);
const options = (name: string, more: Partial<TrainOptions> = {}): TrainOptions => ({
  steps: 12,
  batch: 8,
  seed: 3,
  clip: Number.POSITIVE_INFINITY,
  optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
  schedule: constantSchedule(),
  checkpoint: { folder: join(folder, name), every: 100 },
  ...more,
});
const upTo = (step: number) => ({ stop: (event: { step: number }) => event.step === step });

it('a training goes on from a checkpoint to the bit, and at another rate by another step from the same weights', async () => {
  const first = await made();
  await lastValueFrom(train(first, options('first', upTo(6))));
  const before = weights(first);
  for (const copy of ['same', 'slower', 'lighter', 'refused'])
    cpSync(join(folder, 'first'), join(folder, copy), { recursive: true });

  const [gone, same, slower, lighter] = [await made(), await made(), await made(), await made(0.5)];
  const events = await lastValueFrom(resume(gone, join(folder, 'first'), options('first')).pipe(toArray()));
  const copied = await lastValueFrom(resumeChanged(same, join(folder, 'same'), options('same')).pipe(toArray()));
  expect(weights(same)).toEqual(weights(gone));
  const lossesOf = (all: typeof events) => all.flatMap((event) => (event.kind === 'step' ? [event.losses] : []));
  expect(lossesOf(copied)).toEqual(lossesOf(events));

  // One step from the checkpoint: with momentum a step is the rate times what has gathered, which the checkpoint holds.
  const one = await made();
  cpSync(join(folder, 'slower'), join(folder, 'one'), { recursive: true });
  await lastValueFrom(resume(one, join(folder, 'one'), options('one', upTo(7))));
  const half = { optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }), clip: 1e6 };
  const told = await lastValueFrom(
    resumeChanged(slower, join(folder, 'slower'), options('slower', { ...half, ...upTo(7) })).pipe(toArray()),
  );
  expect(lossesOf(told)).toEqual(lossesOf(events).slice(0, 1));
  const whole = new Map(weights(one));
  for (const [i, [name, values]] of weights(slower).entries()) {
    for (const [j, value] of values.entries()) {
      const from = before[i]![1][j]!;
      expect(value - from).toBeCloseTo((whole.get(name)![j]! - from) / 2, 6);
    }
  }

  // Another weight of a task is another gradient of the same losses.
  const light = await lastValueFrom(
    resumeChanged(lighter, join(folder, 'lighter'), options('lighter', upTo(7))).pipe(toArray()),
  );
  expect(lossesOf(light)).toEqual(lossesOf(events).slice(0, 1));
  expect(weights(lighter)).not.toEqual(weights(one));

  const refused = (more: Partial<TrainOptions>) =>
    made().then((network) =>
      lastValueFrom(resumeChanged(network, join(folder, 'refused'), options('refused', more))).then(
        () => 'went on',
        ({ message }: Error) => message,
      ),
    );
  expect(await refused({ batch: 4 })).toMatch(/was trained with batch = 8, and now it is 4/);
  expect(await refused({ optimizer: adam({ learningRate: 0.1 }) })).toMatch(/was trained with optimizer = /);
  expect(await refused({ seed: 4 })).toMatch(/was trained with seed = 3, and now it is 4/);
});
