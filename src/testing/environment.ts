import assert from 'node:assert/strict';
import { RandomStream } from '../random/index.ts';
import type { Environment, EnvironmentFactory, SeenObject } from '../task/environment.ts';
import { contractOf, runContract } from './contract.ts';
import { checkPicture } from './display.ts';

const STEPS = 300;
const ENDS = ['terminated', 'truncated'] as const;
/** No environment writes this. */
const UNTOUCHED = Number.NaN;

/** Every environment must keep these clauses. */
export const environmentContract = contractOf<EnvironmentFactory>('environment', {
  'has observations, actions and two ways to end': (make) => {
    const world = make();
    const size = sizeOf(world);
    assert.ok(
      Number.isInteger(size) && size >= 1,
      `observationShape must hold whole numbers >= 1, received [${world.observationShape}]`,
    );
    assert.ok(world.actions.length >= 2, `there must be at least two actions, received ${world.actions.length}`);
    for (const end of ENDS)
      assert.equal(typeof world[end], 'boolean', `${end} must be true or false, received ${String(world[end])}`);
  },

  'plays the same episodes by the same draws and actions': (make) => {
    assert.deepEqual(play(make()), play(make()), 'the same draws and actions must give the same episodes');
  },

  'knows nothing of another': (make) => {
    const first = make();
    const episodes = play(make());
    play(first);
    assert.deepEqual(play(make()), episodes, 'an environment must know nothing of another');
  },

  'goes on from a saved state': (make) => {
    const [original, copy] = [make(), make()];
    const [draws, same] = [new RandomStream(1, 'environment'), new RandomStream(1, 'environment')];
    // In the middle of an episode, whatever their length.
    for (let i = 0; i < STEPS; i++) {
      advance(original, i, draws);
      advance(copy, i, same);
    }
    const restored = make();
    restored.restore(JSON.parse(JSON.stringify(original.state())));
    for (let i = 0; i < STEPS; i++) {
      assert.deepEqual(look(restored), look(original), 'an environment put into a state must show that state');
      for (const end of ENDS)
        assert.equal(restored[end], original[end], `an environment put into a state must be ${end} as that one is`);
      const [reward, expected] = [advance(restored, STEPS + i, same), advance(original, STEPS + i, draws)];
      assert.equal(reward, expected, 'an environment put into a state must go on as the one it came from');
    }
  },
});

/**
 * Checks what every environment must keep (`environmentContract.clauses`): it begins when it is told to; observations have the stated
 * size, finite numbers, and nothing is written beside them; drawing and listing objects change nothing; objects have a type and a place;
 * rewards are finite; the same draws and actions give the same episodes; environments of one factory know nothing of each other; and
 * one that is put into the state of another goes on as that one does.
 */
export async function runEnvironmentContract(make: EnvironmentFactory): Promise<void> {
  await runContract(environmentContract, make);
}

const sizeOf = ({ observationShape }: Environment): number => observationShape.reduce((a, b) => a * b, 1);

const isOver = ({ terminated, truncated }: Environment): boolean => terminated || truncated;

/** Step number `i`, after a new beginning where it is the first or an episode has ended. */
function advance(world: Environment, i: number, random: RandomStream): number {
  if (i === 0 || isOver(world)) world.reset(random);
  assert.equal(isOver(world), false, 'an environment must not be over once it is reset');
  const reward = world.step(i % world.actions.length, random);
  assert.ok(Number.isFinite(reward), `a reward must be finite, received ${reward}`);
  return reward;
}

function look(world: Environment): readonly (Float32Array | SeenObject)[] {
  const size = sizeOf(world);
  const buffer = new Float32Array(size + 2).fill(UNTOUCHED);
  world.observe(buffer, 1);
  assert.ok(
    Number.isNaN(buffer[0]) && Number.isNaN(buffer[size + 1]),
    'observe(into, at) must write nothing before `at` and nothing after the observation',
  );
  const seen = buffer.slice(1, size + 1);
  if (world.draw !== undefined) {
    const before = world.state();
    const picture = world.draw();
    checkPicture(picture, 'draw');
    assert.deepEqual(world.draw(), picture, 'draw must give the same picture of the same state');
    assert.deepEqual(world.state(), before, 'draw must leave the environment as it was');
  }
  const objects = listObjects(world);
  assert.ok(seen.every(Number.isFinite), 'an observation must hold finite numbers, one at each place');
  return [seen, ...objects];
}

function listObjects(world: Environment): readonly SeenObject[] {
  if (world.objects === undefined) return [];
  const before = world.state();
  const objects = world.objects();
  const names = world.objectTypes ?? [];
  assert.ok(objects.length >= 1, 'objects must list at least the one that acts, received none');
  for (const { type, row, column } of objects) {
    assert.ok(
      Number.isInteger(type) && type >= 0 && type < names.length,
      `the type of an object must be the place of a name in objectTypes, ${names.join(', ') || 'which has none'}; received ${type}`,
    );
    const place = [row, column];
    assert.ok(place.every(Number.isFinite), `the place of an object must be two finite numbers, received [${place}]`);
  }
  assert.deepEqual(world.objects(), objects, 'objects must list the same of the same state');
  assert.deepEqual(world.state(), before, 'objects must leave the environment as it was');
  return objects;
}

function play(world: Environment): (number | Float32Array | SeenObject)[] {
  const random = new RandomStream(0, 'environment');
  return Array.from({ length: STEPS }, (_, i) => [advance(world, i, random), ...look(world)]).flat();
}
