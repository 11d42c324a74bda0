// The reference (`npm run reference`) is made without a warning. It takes half a minute, since the compiler reads everything again.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../repository.ts';

// A warning is a type that a public name leads to and that the reader does not find, or a link into nothing: a type that leaves the
// house has to leave it by an entry point.
it('the reference has every type that a public name refers to, and every link leads somewhere', () => {
  const typedoc = join(dirname(createRequire(import.meta.url).resolve('typedoc/package.json')), 'bin/typedoc');
  const options = ['--emit', 'none', '--skipErrorChecking', '--treatWarningsAsErrors'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [typedoc, ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status, stdout + stderr).toBe(0);
});
