import { startRuntime } from 'banyan-ml';
import * as tasks from 'banyan-ml/tasks';
import { runSourceContract, runTaskContract } from 'banyan-ml/testing';
import { beforeAll, describe, it } from 'vitest';

beforeAll(async () => {
  await startRuntime();
});

// What plays by the eyes of another task cannot be alone in a network: test/heads/control/symbols/eyes.native.test.ts holds it.
const { default: _plugin, SpaceInvaders: _invaders, Gathering: _gathering, gatheringSeen: _seen, ...builtIn } = tasks;

describe.each(Object.entries(builtIn))('%s', (_name, task) => {
  it.skipIf(task.source.facts?.missing !== undefined)('keeps the contracts of sources and tasks', async () => {
    await runSourceContract(task.source);
    await runTaskContract(task);
  });
});
