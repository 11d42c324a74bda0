import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failureText } from '../../src/cli/failure.ts';
import { writeJson } from '../../src/study/records/json.ts';
import { readEvents } from '../../src/study/run/events.ts';
import { runPaths } from '../../src/study/run/paths.ts';
import { readCost, readResult } from '../../src/study/run/result.ts';
import { temporaryFolder } from '../repository.ts';

const folder = temporaryFolder();
const paths = runPaths(folder);

it('what of a run cannot be read or written is told with its path', async () => {
  await expect(readCost(folder)).rejects.toThrow(
    `${paths.cost} cannot be read: there is no such file or folder. Check the path.`,
  );
  writeFileSync(paths.cost, '{"seconds": 1');
  await expect(readCost(folder)).rejects.toThrow(
    /cost\.json is damaged: expected JSON, received .*\. Remove .*result\.json, and go on by `banyan resume /,
  );
  for (const path of [paths.result, paths.events]) mkdirSync(path);
  await expect(readResult(folder)).rejects.toThrow(
    `${paths.result} cannot be read: it is a folder, not a file. Give the path of a file.`,
  );
  expect(() => readEvents(paths.events)).toThrow(`${paths.events} cannot be read: it is a folder, not a file.`);
  const below = join(paths.cost, 'below.json');
  await expect(writeJson(below, 1)).rejects.toThrow(`${below} cannot be written: `);
});

it('any fault of the file system is a sentence without a stack', () => {
  const fault = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', errno: -13, path: '/there' });
  expect(failureText(fault)).toContain(
    'error: /there cannot be used: this user is not permitted to. Change the permissions, or choose another path.',
  );
  expect(failureText(new TypeError('x is undefined'))).toMatch(/^TypeError: x is undefined\n +at /);
});
