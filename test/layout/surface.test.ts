import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, root } from '../repository.ts';

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
    // A list of built-in kinds names each of them.
    for (const index of filesIn('src', /(index|built-in)\.ts$/)) {
      const stars = readFileSync(join(root, index), 'utf8').match(/^export \* from(?! '\.\/built-in\.ts')/gm);
      expect(stars, index).toBeNull();
    }
  });
});
