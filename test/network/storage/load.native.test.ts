import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import { readFolder, writeFolder } from '../../../src/checkpoint/index.ts';
import { createNetwork, denseTrunk, Network } from '../../../src/index.ts';
import { internals } from '../../../src/network/index.ts';
import { numbersTask } from '../../fixtures.ts';
import { fuzzNetwork } from './fuzz.ts';

const place = mkdtempSync(join(tmpdir(), 'banyan-load-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const mend = 'Use another copy, or another checkpoint.';
const room = 'Use another copy, another checkpoint, or a machine with more memory.';
let places = 0;

/** As far as it is changed here. */
interface Content {
  columns: { trunk: Record<string, unknown>; readonly inputs: { column: number }[][] }[];
  readonly tasks: { name: string }[];
}

/** A saved network of two columns whose description was changed, and sealed as if it had been so. */
async function changedBy(change: (content: Content) => void): Promise<string> {
  const folder = join(place, String(++places));
  const network = await createNetwork({ trunk: denseTrunk({ width: 4, depth: 2 }), tasks: [numbersTask('a')] });
  await network.addColumn({ tasks: [numbersTask('b')] });
  await network.save(folder);
  network.dispose();
  const { content, files } = await readFolder(folder);
  change(content as unknown as Content);
  await writeFolder(folder, files, content);
  return folder;
}

const refusal = (folder: string) =>
  Network.load(folder, { tasks: [numbersTask('a'), numbersTask('b')] }).then(
    () => 'accepted',
    (error) => `${error.code}: ${error.message}`,
  );

it('a saved network with anything wrong is refused, or loads and predicts', async () => {
  const { accepted } = await fuzzNetwork(100, join(place, 'fuzz'));
  expect(accepted).toBeLessThan(100);
});

it.each<[string, (content: Content) => void, (folder: string) => string]>([
  [
    'a depth of two millions',
    (content) => {
      content.columns[0]!.trunk.depth = 2_000_000;
    },
    (folder) =>
      `memory: ${folder}: the trunk of column 0 is {"kind":"dense","width":4,"depth":2000000,"dropout":0}, whose weights need more memory than this process can have. ${room}`,
  ],
  ...[
    ['transformer', '"heads":2,…'],
    ['encoder', '"heads":2,"dro…'],
  ].map(([kind, rest]): [string, (content: Content) => void, (folder: string) => string] => [
    `a depth of a hundred millions of kind ${kind}`,
    (content) => {
      content.columns[0]!.trunk = { kind, width: 4, depth: 100_000_000, heads: 2, dropout: 0 };
    },
    (folder) =>
      `memory: ${folder}: the trunk of column 0 is {"kind":"${kind}","width":4,"depth":100000000,${rest}, whose weights need more memory than this process can have. ${room}`,
  ]),
  [
    'another depth',
    (content) => {
      content.columns[0]!.trunk.depth = 3;
    },
    (folder) =>
      `checkpoint: ${folder}: what it says of its network does not fit together: column 0 has 2 blocks, and its trunk another number. ${mend}`,
  ],
  [
    'a width of twenty millions',
    (content) => {
      content.columns[0]!.trunk.width = 20_000_000;
    },
    (folder) =>
      `memory: ${folder}: the trunk of column 0 is {"kind":"dense","width":20000000,"depth":2,"dropout":0}, whose weights need more memory than this process can have. ${room}`,
  ],
  [
    'another width',
    (content) => {
      content.columns[0]!.trunk.width = 8;
    },
    (folder) =>
      `checkpoint: ${folder}/weights.safetensors: "column-0/block-0/dense/kernel" should be [8, 8], received [4, 4]. Give the same trunk and the same tasks with the same options as it was saved with.`,
  ],
  [
    'half a block',
    (content) => {
      content.columns[0]!.trunk.depth = 1.5;
    },
    (folder) =>
      `checkpoint: ${folder}: the trunk of column 0 is {"kind":"dense","width":4,"depth":1.5,"dropout":0}, which no trunk is saved as. Expected what \`config\` of such a trunk is. ${mend}`,
  ],
  [
    'no columns',
    (content) => {
      content.columns = [];
    },
    (folder) => `checkpoint: ${folder}: columns is [], expected array to have >=1 items. ${mend}`,
  ],
  [
    'an input from a later column',
    (content) => {
      content.columns[1]!.inputs[1]![0]!.column = 1;
    },
    (folder) =>
      `checkpoint: ${folder}: what it says of its network does not fit together: into block 1 of column 1 come the columns 1. ${mend}`,
  ],
  [
    'a task that no column reads',
    (content) => {
      content.tasks[0]!.name = 'z';
    },
    (folder) =>
      `checkpoint: ${folder}: what it says of its network does not fit together: its tasks are z, b, and its columns read a, b. ${mend}`,
  ],
])('a description with %s is refused before anything is built', async (_, change, said) => {
  const folder = await changedBy(change);
  const begin = performance.now();
  expect(await refusal(folder)).toBe(said(folder));
  expect(performance.now() - begin).toBeLessThan(1000);
});

it('weights that are not finite are neither read nor written', async () => {
  const folder = await changedBy(() => {});
  const { content, files } = await readFolder(folder);
  const weights = Buffer.from(files.get('weights.safetensors')!);
  weights.writeFloatLE(Number.NaN, weights.length - 4);
  await writeFolder(folder, new Map([...files, ['weights.safetensors', weights]]), content);
  expect(await refusal(folder)).toBe(
    `checkpoint: ${folder}/weights.safetensors: "stem/b/kernel" holds NaN (number 15), expected finite numbers. ${mend}`,
  );
  const network = await createNetwork({ trunk: denseTrunk({ width: 4, depth: 1 }), tasks: [numbersTask('a')] });
  const other = join(place, 'infinite');
  await network.save(other);
  const before = readFileSync(join(other, 'weights.safetensors'));
  const { tensor } = internals(network).body.store.all()[0]!;
  tf.tidy(() => tensor.assign(tensor.add(Number.POSITIVE_INFINITY)));
  await expect(network.save(other)).rejects.toMatchObject({
    code: 'checkpoint',
    message:
      'weights.safetensors: "column-0/block-0/dense/kernel" holds Infinity (number 0), expected finite numbers. Set it right, or load the network as it was saved before.',
  });
  expect(readFileSync(join(other, 'weights.safetensors')).equals(before)).toBe(true);
  network.dispose();
});

it('what a folder lacks is told by name', async () => {
  const folder = await changedBy(() => {});
  rmSync(join(folder, 'probes.safetensors'));
  expect(await refusal(folder)).toBe(
    `checkpoint: ${folder}: probes.safetensors cannot be read: there is no such file or folder. ${mend}`,
  );
  const { content, files } = await readFolder(await changedBy(() => {}));
  await writeFolder(join(place, 'bare'), new Map([...files].slice(0, 1)), content);
  expect(await refusal(join(place, 'bare'))).toBe(
    `checkpoint: ${place}/bare/probes.safetensors: "a/input/0" should be [4, 4], received nothing. Give the same tasks with the same options as it was saved with.`,
  );
  writeFileSync(join(folder, 'manifest.json'), '');
  expect(await refusal(folder)).toBe(`checkpoint: ${folder}: manifest.json is damaged: it is no JSON. ${mend}`);
});
