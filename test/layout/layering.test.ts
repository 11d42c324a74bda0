import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, root } from '../repository.ts';
import {
  circlesOfFiles,
  circlesOfRooms,
  type Files,
  importsOf,
  namingTasks,
  notPublic,
  outward,
  roomOf,
  upward,
} from './imports.ts';

const filesBelow = (...folders: readonly string[]): Files =>
  Object.fromEntries(
    folders
      .flatMap((folder) => filesIn(folder, /\.(ts|mjs)$/))
      .map((file) => [file, readFileSync(join(root, file), 'utf8')]),
  );

const source = filesBelow('src');
const imports = importsOf(source);

// From the bottom up; a room may import from its own tier and from those below.
const tiers = [
  ['files', 'runtime', 'random', 'kind'],
  ['trunk', 'layers', 'loss', 'task', 'cluster'],
  ['network', 'balance', 'sample', 'optimise', 'evaluate', 'analysis', 'checkpoint', 'data'],
  ['report', 'train', 'testing', 'watch', 'fields', 'pretrained', 'export', 'explain'],
  ['experiment'],
  ['study'],
  ['serve'],
  ['cli'],
];

describe('the rooms of src/', () => {
  it('are all placed', () => {
    const rooms = new Set(Object.keys(source).map((file) => roomOf(file)!));
    rooms.delete('root');
    expect([...rooms].sort()).toEqual(tiers.flat().sort());
  });

  it('import from their own tier or below', () => {
    expect(upward(imports, tiers)).toEqual([]);
    const wrong = importsOf({
      'src/runtime/a.ts': "import { b } from '../train/b.ts';",
      'src/train/b.ts': "export { b } from '../index.ts';",
      'src/train/c.ts': "import { a } from '../runtime/a.ts';",
    });
    expect(upward(wrong, tiers)).toEqual(['src/runtime/a.ts → src/train/b.ts', 'src/train/b.ts → src/index.ts']);
  });

  it('have no circle of rooms, types counted', () => {
    expect(circlesOfRooms(imports)).toEqual([]);
    const wrong = importsOf({
      'src/train/a.ts': "import type { B } from '../watch/b.ts';",
      'src/watch/b.ts': "import {\n  c,\n} from '../report/c.ts';",
      'src/report/c.ts': "export type { A } from '../train/a.ts';\nimport { error } from '../error.ts';",
    });
    expect(circlesOfRooms(wrong)).toEqual(['report ⇄ train ⇄ watch']);
  });

  it('have no circle of files, types counted', () => {
    expect(circlesOfFiles(imports)).toEqual([]);
    const wrong = importsOf({
      'src/train/a.ts': "import type { B } from './b.ts';",
      'src/train/b.ts': "import { c } from './step/c.ts';",
      'src/train/step/c.ts': "const { a } = await import('../a.ts');\nimport { d } from './d.ts';",
      'src/train/step/d.ts': "import { readFile } from 'node:fs';",
    });
    expect(circlesOfFiles(wrong)).toEqual(['src/train/a.ts ⇄ src/train/b.ts ⇄ src/train/step/c.ts']);
  });

  it('know no modality, no head, no task and no data set', () => {
    expect(outward(imports)).toEqual([]);
    const wrong = importsOf({
      'src/train/a.ts': "import { classifier } from '../../heads/classifier.ts';\nimport { train } from 'banyan-ml';",
    });
    expect(outward(wrong)).toEqual(['src/train/a.ts → heads/classifier.ts', 'src/train/a.ts → banyan-ml']);
  });
});

describe('heads/ and tasks/', () => {
  it("import only what a stranger's package could", () => {
    expect(notPublic(importsOf(filesBelow('heads', 'tasks')))).toEqual([]);
    const wrong = importsOf({
      'heads/a.ts':
        "import { linear } from '../src/layers/linear.ts';\nimport { z } from 'zod';\nimport { b } from './b.ts';",
      'tasks/c.ts': "import { a } from '../heads/a.ts';\nimport { train } from 'banyan-ml';",
    });
    expect(notPublic(wrong)).toEqual([
      'heads/a.ts → src/layers/linear.ts',
      'heads/a.ts → zod',
      'tasks/c.ts → heads/a.ts',
    ]);
  });
});

describe('the command line', () => {
  it('knows no built-in task but by the name of its plugin', () => {
    expect(namingTasks(filesBelow('src/cli', 'src/experiment', 'src/study'))).toEqual([]);
    expect(namingTasks({ 'a.ts': "task === 'clothing'", 'b.ts': 'clothing' })).toEqual(['a.ts']);
  });

  it('is started by a bootstrap without imports outside node:', () => {
    const bootstrap = imports.filter(({ from }) => from === 'src/cli/bootstrap.mjs').map(({ to }) => to);
    expect(bootstrap.length).toBeGreaterThan(0);
    expect(bootstrap.filter((to) => !to.startsWith('node:'))).toEqual([]);
  });
});
