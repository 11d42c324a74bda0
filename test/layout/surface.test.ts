import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { source: string; types: string; default: string } | string>;
};

describe('the exports map', () => {
  const entries = Object.entries(manifest.exports).flatMap(([name, entry]) =>
    typeof entry === 'string' ? [] : [{ name, ...entry }],
  );

  it.each(entries)('$name: source, types and build are the same file', ({ source, types, default: built }) => {
    expect(existsSync(join(root, source))).toBe(true);
    expect(types).toBe(source.replace(/^\.\/(.*)\.ts$/, './dist/$1.d.ts'));
    expect(built).toBe(source.replace(/^\.\/(.*)\.ts$/, './dist/$1.js'));
  });

  it('is what the architecture page lists', () => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    for (const { name } of entries) expect(page).toContain(`\`banyan-ml${name.slice(1)}\``);
  });

  it('lets no room out by a star', () => {
    const indexes = (readdirSync(join(root, 'src'), { recursive: true }) as string[]).filter((name) =>
      name.endsWith('index.ts'),
    );
    for (const index of indexes) {
      const stars = readFileSync(join(root, 'src', index), 'utf8').match(/^export \* from/gm);
      expect(stars, index).toBeNull();
    }
  });
});
