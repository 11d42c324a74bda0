import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { stepFailed } from './failure.ts';
import type { Progress } from './progress.ts';
import { run } from './tools.ts';
import type { Recipe } from './wheels.ts';

/**
 * Which of a wheel's files are taken, by the beginning of their names, and where they go. The libraries and `nvidia/`
 * keep the places they have in site-packages relative to each other, for TensorFlow's own search path
 * (`$ORIGIN/../nvidia/…/lib`) and its search for CUDA's compiler (`../nvidia/cuda_nvcc`).
 */
const TAKEN = [
  ['tensorflow/libtensorflow_cc.so.2', 'deps/lib/libtensorflow_cc.so.2'],
  ['tensorflow/libtensorflow_framework.so.2', 'deps/lib/libtensorflow_framework.so.2'],
  ['tensorflow/include/tensorflow/c/', 'deps/include/tensorflow/c/'],
  ['tensorflow/include/tensorflow/core/platform/ctstring', 'deps/include/tensorflow/core/platform/ctstring'],
  ['tensorflow/include/tsl/platform/ctstring', 'deps/include/tsl/platform/ctstring'],
  ['tensorflow/include/xla/tsl/c/', 'deps/include/xla/tsl/c/'],
  ['nvidia/', 'deps/nvidia/'],
] as const;

/** Only what compiling needs; removed afterwards. */
export const INCLUDE = 'deps/include';

/** zipfile checks each file's CRC. It prints the bytes written so far, which become the bar. */
const SCRIPT = `
import json, os, sys, zipfile
wheel, target, taken = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
with zipfile.ZipFile(wheel) as archive:
    chosen = [(member, to + member.filename[len(start):]) for member in archive.infolist() for start, to in taken
              if member.filename.startswith(start) and not member.is_dir()]
    print('total', sum(member.file_size for member, _ in chosen), flush=True)
    done = shown = 0
    for member, name in chosen:
        path = os.path.join(target, *name.split('/'))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(member) as source, open(path, 'wb') as out:
            while True:
                block = source.read(1 << 20)
                if not block:
                    break
                out.write(block)
                done += len(block)
                if done - shown >= 1 << 24:
                    shown = done
                    print('done', done, flush=True)
        if member.external_attr >> 16 & 0o111:
            os.chmod(path, 0o755)
`;

/** Unpacks what is needed of the wheels into `result`; each wheel is deleted after, for its room. */
export async function unpackWheels(recipe: Recipe, wheels: string, result: string, progress: Progress): Promise<void> {
  for (const { file, package: name } of recipe.wheels) {
    const label = `Unpacking ${name}`;
    const onLine = (line: string): void => {
      const [word, number] = line.split(' ');
      if (word === 'total') progress.begin(label, Number(number));
      if (word === 'done') progress.advance(Number(number));
    };
    try {
      await run('python3', ['-c', SCRIPT, join(wheels, file), result, JSON.stringify(TAKEN)], { onLine });
    } catch (error) {
      throw stepFailed(`Unpacking ${file}`, error, 'Run `banyan setup` again.');
    }
    rmSync(join(wheels, file));
    progress.end();
  }
}
