import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { BanyanError } from './error.ts';

// Imported before tfjs, of which a second copy of this package often brings a second one: that would warn once for each operation.

const MARK = Symbol.for('banyan-ml');
const { resolve } = createRequire(import.meta.url);
const folder = dirname(resolve('banyan-ml/package.json'));
const { version } = createRequire(import.meta.url)('banyan-ml/package.json') as { version: string };
const own = `${folder} (${version})`;
const marked = globalThis as { [MARK]?: string };

if (marked[MARK] !== undefined && marked[MARK] !== own)
  throw new BanyanError(
    'plugin',
    `Two copies of banyan-ml are in this program: ${marked[MARK]} and ${own}. Expected one, since a network of the one knows no task and no error of the other. Make banyan-ml a peer dependency of the package that brings its own, and remove that copy (\`npm dedupe\`, or delete its folder).`,
  );
marked[MARK] = own;
