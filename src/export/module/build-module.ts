// Makes `banyan-export.mjs`, with Vite. Not in the package, which has the file itself:
//   node --conditions=source --import tsx src/export/module/build-module.ts FILE
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'vite';
import { cachedBuild } from '../../files/cached-build.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** All that the module may take of the framework. Whatever else it imports is an error here, so that nothing heavy slips in. */
const FRAMEWORK = { 'banyan-ml': 'src/error.ts', 'banyan-ml/data': 'src/export/module/data.ts' } as const;

/** @returns the module's text. */
async function buildModule(): Promise<string> {
  const { build } = await import('vite');
  const output = await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: {
      alias: Object.entries(FRAMEWORK).map(([name, file]) => ({
        find: new RegExp(`^${name}$`),
        replacement: `${root}${file}`,
      })),
    },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: `${root}heads/exported/index.ts`, formats: ['es'] },
      rolldownOptions: { output: { minify: true } },
    },
  });
  const [{ output: files }] = output as [Rolldown.RolldownOutput];
  const [{ code, imports }] = files;
  if (imports.length > 0) throw new Error(`banyan-export.mjs imports ${imports.join(', ')}, expected nothing.`);
  return code;
}

/** The file of the module that is made of the sources as they are. */
export const cachedModule = (): Promise<string> =>
  cachedBuild({
    name: 'banyan-export-module',
    type: 'mjs',
    sources: ['heads', 'src/export/module', ...Object.values(FRAMEWORK), 'src/random/stream.ts'],
    build: buildModule,
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(process.argv[2]!, await buildModule());
