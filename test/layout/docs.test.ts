import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, root } from '../repository.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesIn('docs', /\.md$/)];
/** The first comment of an example is the command that runs it. */
const withoutCommand = (text: string) => text.replace(/^\/\/.*\n/, '');

describe('README.md', () => {
  it('shows the smallest program as it is tested', () => {
    const [, program] = /```ts\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
    expect(program).toBe(withoutCommand(read('examples/smallest.ts')));
  });

  it('shows the experiment as it is tested', () => {
    const experiments = [...read('README.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text);
    expect(experiments).toContain(read('examples/three-tasks.yaml'));
  });

  it('names commands that there are', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
    for (const page of pages) {
      for (const [, word] of read(page).matchAll(/npm run (\w+)/g)) expect(scripts, page).toContain(word);
    }
  });
});

describe('links and paths in the pages', () => {
  it.each(pages)('%s: lead somewhere', (page) => {
    for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(join(root, dirname(page), target!)), target).toBe(true);
    }
    for (const [, path] of read(page).matchAll(/`((?:src|heads|tasks|examples|test|docs)\/[\w./-]+)`/g)) {
      expect(existsSync(join(root, path!)), path).toBe(true);
    }
  });
});

describe('examples', () => {
  it('begin with the command that runs them', () => {
    for (const name of readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts'))) {
      expect(read(`examples/${name}`).split('\n')[0], name).toMatch(
        new RegExp(`^// .*(examples/${name.replace('.ts', '')}|npm start)`),
      );
    }
  });
});
