// The programs of a user, in a folder of its own, with the package installed from its tarball.
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../repository.ts';

const programs = resolve(root, '../shared/acceptance');
// They lie beside the repository where it is developed, and are not part of it.
const isThere = existsSync(programs);
const acceptance = ['01-two-tasks.ts', '02-own-plugin.ts', '03-add-column.ts', '04-balance.ts', '05-shared-input.ts'];
const here = mkdtempSync(join(tmpdir(), 'banyan-user-'));
const run = (command: string, args: string[], cwd = here) =>
  promisify(execFile)(command, args, { cwd, maxBuffer: 1e8 }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${error.stdout}\n${error.stderr}`);
    },
  );
const versions = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>;
const own = ['rxjs', 'inversify', '@tensorflow/tfjs'].map((name) => `${name}@${versions.dependencies[name]}`);
const tools = ['tsx', 'typescript', '@types/node'].map((name) => `${name}@${versions.devDependencies[name]}`);

/** Must not compile: what the types have to catch. */
const WRONG = `
import { createNetwork, defineTask, denseTrunk } from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import * as text from 'banyan-ml/heads/text';
import * as vision from 'banyan-ml/heads/vision';
const head = vision.classifier({ classes: 2 });
const stem = text.tokenStem({ vocabulary: text.wordVocabulary(['a b']), length: 4 });
const pictures = arraySource({ inputs: { data: new Float32Array(8), shape: [2, 2, 2, 1] }, targets: Int32Array.of(0, 1), validation: 0 });
const words = arraySource({ inputs: ['a', 'b'], targets: Int32Array.of(0, 1), validation: 0 });
const task = defineTask({ name: 'words', stem, head, source: words });
const network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task] });
const [right] = await network.predict('words', ['a']);
export const found: number = right!.class;
// @ts-expect-error a task that the network does not have
await network.predict('pictures', ['a']);
// @ts-expect-error an input of another type
await network.predict('words', [new Float32Array(4)]);
// @ts-expect-error a stem for text and a source of pictures
defineTask({ name: 'mixed', stem, head, source: pictures });
// @ts-expect-error a prediction has no such member
right!.score;
`;

describe('the package, installed from its tarball', () => {
  beforeAll(async () => {
    // What is packed is what the tests' set-up has built (test/setup/build.ts): all of the command line is tested as packed.
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', here], root);
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    if (isThere) for (const name of acceptance) copyFileSync(join(programs, name), join(here, name));
    writeFileSync(join(here, 'package.json'), '{ "name": "user", "private": true, "type": "module" }');
    await run('npm', [
      'install',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      join(here, filename),
      ...own,
      ...tools,
    ]);
    await run('npx', ['banyan', 'setup']);
  });

  afterAll(() => rmSync(here, { recursive: true, force: true }));

  it('holds the build, its pages and the examples, no source and no test', async () => {
    const files = (readdirSync(join(here, 'node_modules/banyan-ml'), { recursive: true }) as string[]).filter(
      (name) => !name.startsWith('node_modules'),
    );
    expect(
      files.filter(
        (name) =>
          /(^|\/)test\//.test(name) ||
          (name.endsWith('.ts') && !name.endsWith('.d.ts') && !name.startsWith('examples/')),
      ),
    ).toEqual([]);
    await run('npx', ['publint', '--strict', join(here, 'node_modules/banyan-ml')], root);
  });

  it('answers as a command', async () => {
    const { stdout } = await run('npx', ['banyan', 'doctor', '--json', '--require', 'tensorflow']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, backend: 'tensorflow', tensorflow: '2.21.0' });
  });

  it('brings examples that run where they lie', async () => {
    const examples = join(here, 'node_modules/banyan-ml/examples');
    const { stdout, stderr } = await run(join(here, 'node_modules/.bin/tsx'), [join(examples, 'own-task.ts')]);
    expect(stdout).toMatch(/rmse: 0\.\d/);
    expect(stderr).toBe('');
  });

  it('has declarations that a strict program reads without an error of theirs', async () => {
    const entries = Object.keys(
      (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: object }).exports,
    ).filter((name) => name !== './package.json');
    const imports = entries.map((name, i) => `export * as entry${i} from 'banyan-ml${name.slice(1)}';\n`);
    writeFileSync(join(here, 'strict.ts'), imports.join(''));
    // The declarations of tfjs have errors of their own: skipLibCheck is off to hear of ours.
    const options = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'NodeNext', '--target', 'ES2022'];
    const { stdout } = await promisify(execFile)('npx', ['tsc', ...options, 'strict.ts'], {
      cwd: here,
      maxBuffer: 1e8,
    }).catch((error: { stdout: string }) => error);
    expect(stdout.split('\n').filter((line) => /banyan-ml|^strict/.test(line))).toEqual([]);
  });

  it('catches wrong uses by its types, and lets right ones pass', async () => {
    writeFileSync(join(here, 'wrong.ts'), WRONG);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'NodeNext'];
    await run(join(here, 'node_modules/.bin/tsc'), [...options, 'wrong.ts', ...(isThere ? acceptance : [])]);
  });

  it.skipIf(!isThere).each(acceptance)('runs the acceptance program %s, as written', async (name) => {
    const { stdout, stderr } = await run(join(here, 'node_modules/.bin/tsx'), [name]);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/: ok$/);
    expect(stderr).toBe('');
  });
});
