import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { root } from '../repository.ts';

const place = globalThis as { [mark: symbol]: string | undefined };
const MARK = Symbol.for('banyan-ml');
const before = place[MARK];
const { exports, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { source?: string }>;
  version: string;
};
afterEach(() => {
  place[MARK] = before;
});

it('a second copy of the package is refused, with both places', async () => {
  place[MARK] = '/app/node_modules/banyan-ml (0.0.9)';
  vi.resetModules();
  await expect(import('../../src/one-copy.ts')).rejects.toMatchObject({
    code: 'plugin',
    message: `Two copies of banyan-ml are in this program: /app/node_modules/banyan-ml (0.0.9) and ${root} (${version}). Expected one, since a network of the one knows no task and no error of the other. Make banyan-ml a peer dependency of the package that brings its own, and remove that copy (\`npm dedupe\`, or delete its folder).`,
  });
  place[MARK] = undefined;
  vi.resetModules();
  await import('../../src/one-copy.ts');
  vi.resetModules();
  await import('../../src/one-copy.ts');
});

it('every entry of the package looks for one first, before tfjs is loaded', () => {
  for (const { source } of Object.values(exports)) {
    if (source === undefined) continue;
    const first = /^(?:import|export) .*$/m.exec(readFileSync(join(root, source), 'utf8'))?.[0];
    expect(first, source).toMatch(/^import '(\.{1,2}\/one-copy\.ts|banyan-ml)';$/);
  }
});
