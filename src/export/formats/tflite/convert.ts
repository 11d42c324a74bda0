import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BanyanError } from '../../../error.ts';
import { runSideCar, type SideCarPython } from '../../../runtime/index.ts';
import type { NetworkGraph } from '../../graph/network-graph.ts';
import type { Conversion, Files } from '../format.ts';
import { savedModelMessage } from '../saved-model/saved-model.ts';
import { withFiniteMasks } from './finite-masks.ts';
import { CONVERT } from './programs.ts';

const PLAIN: Conversion = { forms: new Map(), representative: new Map() };

/**
 * Has TensorFlow convert each function to a file of its own.
 * @throws BanyanError `runtime` for an operation that it cannot convert.
 */
export async function convert(
  python: SideCarPython,
  graph: NetworkGraph,
  { forms, representative }: Conversion = PLAIN,
  fileOf: (name: string) => string,
): Promise<Files> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-tflite-'));
  try {
    const full = [...forms.values()].includes('full-int8');
    const saved = join(folder, 'saved-model');
    await mkdir(saved);
    await writeFile(join(saved, 'saved_model.pb'), savedModelMessage(full ? withFiniteMasks(graph) : graph));
    const functions = [];
    for (const [i, { name, inputs }] of graph.signatures.entries()) {
      const form = forms.get(name) ?? 'float32';
      const described = [];
      for (const [j, { dtype, shape, values }] of (form === 'full-int8' ? representative.get(name)! : []).entries()) {
        const file = join(folder, `${i}-${j}.bin`);
        await writeFile(file, values);
        described.push({ name: inputs[j]!.name, dtype, shape, file });
      }
      functions.push({ name, form, out: join(folder, `${i}.tflite`), inputs: described });
    }
    await writeFile(join(folder, 'work.json'), JSON.stringify({ saved, functions }));
    await run(python, join(folder, 'work.json'));
    const files = functions.map(async ({ name, out }) => [fileOf(name), new Uint8Array(await readFile(out))] as const);
    return new Map(await Promise.all(files));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(python: SideCarPython, work: string): Promise<void> {
  try {
    await runSideCar(python, CONVERT, [work]);
  } catch (cause) {
    const said = (cause as { output?: string }).output ?? '';
    const line = said.split('\n').findLast((each) => each.startsWith('{"function"'));
    const { function: name, fault } = JSON.parse(line ?? '{}') as { function?: string; fault?: string };
    throw new BanyanError(
      'runtime',
      name === undefined
        ? `TensorFlow's converter failed: ${said.trim().split('\n').at(-1) || (cause as Error).message}. Nothing was exported; run \`banyan setup --tflite\` again, or report this.`
        : `"${name}" cannot be converted by TensorFlow: ${fault!.trim()}. Nothing was exported; export it as a SavedModel, or report this with the network's parts.`,
      { cause },
    );
  }
}
