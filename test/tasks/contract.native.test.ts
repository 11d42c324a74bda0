import { startRuntime } from 'banyan-ml';
import * as tasks from 'banyan-ml/tasks';
import { runSourceContract, runTaskContract } from 'banyan-ml/testing';
import { beforeAll, describe, it } from 'vitest';

beforeAll(async () => {
  await startRuntime();
});

// What plays by the eyes of another task cannot be alone in a network: test/heads/control/symbols/eyes.native.test.ts holds it.
const { default: _plugin, SpaceInvaders: _invaders, Gathering: _gathering, gatheringSeen: _seen, ...builtIn } = tasks;

// The first steps of Adam overshoot where values of actions come from the tokens of a whole picture.
const steps: Readonly<Record<string, number>> = { gatheringPictures: 150 };

describe.each(Object.entries(builtIn))('%s', (name, task) => {
  it.skipIf(task.source.facts?.missing !== undefined)('keeps the contracts of sources and tasks', async () => {
    await runSourceContract(task.source);
    await runTaskContract(task, { ...(steps[name] === undefined ? {} : { steps: steps[name] }) });
  });
});
