import { rollouts } from 'banyan-ml/heads/control';
import { describe, expect, it } from 'vitest';
import { World } from '../../../heads/control/world.ts';
import type { Environment } from '../../../src/index.ts';
import { RandomStream } from '../../../src/plugin.ts';
import { runEnvironmentContract } from '../../../src/testing/index.ts';
import { Endless } from './endless.ts';

const random = new RandomStream(0, 'world');
const worldOf = (more: object) => {
  const world = new World(() => Object.assign(new Endless(), more), 'game');
  return world;
};

describe('an environment', () => {
  it('that is cut keeps the contract', async () => {
    await runEnvironmentContract(() => new Endless());
  });

  it.each([
    [() => [], 'objects must list at least the one that acts, received none'],
    [
      () => [{ type: 0.5, row: 1, column: 1 }],
      'the type of an object must be the place of a name in objectTypes, thing; received 0.5',
    ],
    [
      () => [{ type: 0, row: Number.NaN, column: 1 }],
      'the place of an object must be two finite numbers, received [NaN,1]',
    ],
    [() => [{ type: 0, row: Math.random(), column: 1 }], 'objects must list the same of the same state'],
  ])('that lists objects is held to what they mean, case %#', async (objects, message) => {
    const make = () => Object.assign(new Endless(), { objects, objectTypes: ['thing'] });
    await expect(runEnvironmentContract(make)).rejects.toThrow(message);
  });

  it('says how its episodes end', () => {
    const old = { ...new Endless(), over: true, terminated: undefined, truncated: undefined };
    expect(() => rollouts({ environment: () => old as unknown as Environment, task: 'game', environments: 1 })).toThrow(
      'The environment of task "game" must say by two booleans how an episode ends, received terminated undefined and truncated undefined. Say `terminated` where it ended by itself (`over`, before), and `truncated` where a time limit cut it; false where it never does.',
    );
  });

  it('is told of by its task where it gives what cannot be meant', () => {
    const about = 'The environment of task "game" ';
    expect(() => worldOf({ observationShape: [0] })).toThrow(
      `${about}has observations of shape [0], expected whole numbers >= 1. Correct its observationShape.`,
    );
    expect(() => worldOf({ reset() {}, truncated: true }).reset(random)).toThrow(
      `${about}is over as soon as it is reset, expected an episode with a step. Correct its reset().`,
    );
    expect(() => worldOf({ step: () => Number.NaN }).step(0, random)).toThrow(
      `${about}gave the reward NaN, expected a finite number. Correct its step().`,
    );
    for (const action of [-1, 2, 0.5, Number.NaN])
      expect(() => worldOf({}).step(action, random)).toThrow(
        `${about}was to act by ${action}, expected a whole number from 0 to 1. Correct what chooses the action.`,
      );
    const short = worldOf({ observationShape: [2] });
    expect(() => short.look()).toThrow(
      `${about}wrote NaN or nothing at place 1 of its observation, expected 2 finite numbers. Correct its observe().`,
    );
    const beside = worldOf({
      observe: (into: Float32Array, at: number) => {
        into[at] = 1;
        into[at + 1] = 1;
      },
    });
    expect(() => beside.look()).toThrow(
      `${about}wrote beside its observation, expected the 1 numbers of observationShape from place \`at\` on. Correct its observe().`,
    );
  });
});
