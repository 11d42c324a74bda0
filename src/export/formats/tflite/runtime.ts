import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HostTensor, SideCarPython } from '../../../runtime/index.ts';
import type { Signature } from '../../graph/network-graph.ts';
import type { Opened } from '../format.ts';
import { RUN } from './programs.ts';

/** A tensor as it goes to Python and comes back. */
interface PackedTensor {
  readonly shape: readonly number[];
  readonly dtype: HostTensor['dtype'];
  readonly base64: string;
}

interface Answer {
  readonly outputs?: readonly PackedTensor[];
  readonly milliseconds?: number | null;
  readonly fault?: string;
  readonly version?: string;
}

/** An example is so short that one call says little. */
const TIMES = 10;

/** Opens files of LiteRT's form by LiteRT, in a process of its own. */
export async function openLiteRt(
  python: SideCarPython,
  folder: string,
  fileOf: (name: string) => string,
): Promise<Opened> {
  const child = spawn(python.command, [...python.args, '-c', RUN], {
    env: python.env,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // A write to a process that has ended: its end is told where it is read.
  child.stdin.on('error', () => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<Answer> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('its process has ended');
    return JSON.parse(value) as Answer;
  };
  const ask = async ({ name, inputs, outputs }: Signature, tensors: readonly HostTensor[], times: number) => {
    const packed = Object.fromEntries(inputs.map((input, i) => [input.name, pack(tensors[i]!)]));
    const question = {
      file: join(folder, fileOf(name)),
      inputs: packed,
      outputs: outputs.map((each) => each.name),
      times,
    };
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const said = await answer();
    if (said.fault !== undefined) throw new Error(said.fault);
    return said;
  };
  const { version } = await answer();
  return {
    runtime: `LiteRT ${version}`,
    run: async (signature, inputs) => (await ask(signature, inputs, 0)).outputs!.map(unpack),
    time: async (signature, inputs) => (await ask(signature, inputs, TIMES)).milliseconds!,
    dispose: () =>
      new Promise<void>((resolve) => {
        child.once('close', () => resolve());
        child.stdin.end();
      }),
  };
}

const pack = ({ shape, dtype, values }: HostTensor): PackedTensor => ({
  shape,
  dtype,
  base64: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
});

function unpack({ shape, dtype, base64 }: PackedTensor): HostTensor {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  return {
    shape,
    dtype,
    values: dtype === 'int32' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer),
  } as HostTensor;
}
