import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BanyanError } from '../../../error.ts';
import { stepFailed } from './failure.ts';
import { BINDING } from './manifest.ts';
import type { Progress } from './progress.ts';
import { run } from './tools.ts';
import { INCLUDE } from './unpack.ts';

/** Compiles the npm package's binding sources against the unpacked TensorFlow; returns what was used for it. */
export async function compileBinding(
  nodePackage: string,
  result: string,
  progress: Progress,
): Promise<{ compiler: string; headers: string }> {
  const sources = join(nodePackage, 'binding');
  const { folder: headers, name } = nodeHeaders();
  const compiler = (await run('g++', ['--version'])).split('\n')[0]!.trim();
  progress.begin('Compiling the TensorFlow binding');
  await mkdir(dirname(join(result, BINDING)), { recursive: true });
  try {
    await run('g++', [
      ...['-O2', '-std=c++17', '-shared', '-fPIC', '-DNAPI_VERSION=8'],
      ...['-I', headers, '-I', join(result, INCLUDE)],
      ...readdirSync(sources).flatMap((file) => (file.endsWith('.cc') ? join(sources, file) : [])),
      ...['-L', join(result, 'deps/lib'), '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
      ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', join(result, BINDING)],
    ]);
  } catch (error) {
    throw stepFailed('Compiling the TensorFlow binding', error, 'Use g++ 8 or later, and run `banyan setup` again.');
  }
  progress.end();
  return { compiler, headers: name };
}

/**
 * The Node-API is the same C interface in every Node, so the headers of its npm package serve for all of them: one way
 * instead of a search for headers that many installations of Node do not bring.
 */
function nodeHeaders(): { folder: string; name: string } {
  const require = createRequire(import.meta.url);
  const path = require.resolve('node-api-headers/package.json');
  const { version } = require(path) as { version: string };
  return { folder: join(dirname(path), 'include'), name: `node-api-headers ${version}` };
}

/** Loads the result in a process of its own, where a crash is only a failed check. */
export async function verifyBinding(result: string, version: string, progress: Progress): Promise<void> {
  progress.begin('Checking the TensorFlow binding');
  const mend = 'Check that this processor has AVX (`grep -c avx /proc/cpuinfo`), and run `banyan setup` again.';
  let found: string;
  try {
    const script = 'process.stdout.write(String(require(process.argv[1]).TF_Version))';
    found = await run(process.execPath, ['-e', script, join(result, BINDING)], {
      env: { NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '3' },
    });
  } catch (error) {
    throw stepFailed('Loading the compiled binding', error, mend);
  }
  if (found !== version) {
    const received = `expected TensorFlow ${version}, received ${found || 'nothing'}`;
    throw new BanyanError('runtime', `The compiled binding is not the one expected: ${received}. ${mend}`);
  }
  progress.end();
}
