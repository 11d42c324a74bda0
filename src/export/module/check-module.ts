import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { BanyanError } from '../../error.ts';
import type { HostTensor } from '../../runtime/index.ts';
import type { ModuleAbility } from '../report.ts';
import { moduleFile } from './module-file.ts';

/** What is used of the module: see heads/exported/index.ts. */
interface Module {
  openExport(manifest: unknown): { readonly tasks: readonly Task[] };
  revived(value: unknown): unknown;
}

interface Task {
  readonly name: string;
  readonly prepares: boolean;
  readonly decodes: boolean;
  readonly examples: readonly {
    readonly raw: unknown;
    readonly output: Readonly<Record<string, unknown>>;
    readonly prediction: unknown;
  }[];
  prepare(raw: readonly unknown[]): Readonly<Record<string, HostTensor>>;
  decode(outputs: Readonly<Record<string, Float32Array>>): readonly unknown[];
}

/** `banyan-export.json`, as far as it is compared. */
interface Manifest {
  readonly tasks: readonly {
    readonly name: string;
    readonly writes?: { readonly longest: number };
    readonly prepared: Readonly<Record<string, HostTensor>>;
  }[];
}

/**
 * Holds the module against the examples of an export: it has to prepare them to the bit, and to decode the outputs to what was predicted.
 * @param text `banyan-export.json`.
 * @returns what it can do, by task.
 * @throws BanyanError `runtime` for a task of which it makes something else.
 */
export async function checkModule(text: string): Promise<Readonly<Record<string, ModuleAbility>>> {
  const { openExport, revived }: Module = await import(pathToFileURL(await moduleFile()).href);
  const manifest = JSON.parse(text) as Manifest;
  const told = new Map(manifest.tasks.map((each) => [each.name, each]));
  const abilities = openExport(manifest).tasks.map((task) => {
    const { name, prepares, decodes } = task;
    const { prepared, writes } = told.get(name)!;
    if (prepares && !areSame(task.prepare(task.examples.map(({ raw }) => raw)), revived(prepared) as typeof prepared))
      throw differs(name, 'prepares other numbers of the examples');
    const predictions = task.examples.map(({ prediction }) => revived(prediction));
    if (
      decodes &&
      !isDeepStrictEqual(plain(task.decode(outputsOf(task, revived, writes?.longest))), plain(predictions))
    )
      throw differs(name, 'decodes the outputs to something else');
    return [name, { prepares, decodes }] as const;
  });
  return Object.fromEntries(abilities);
}

/** JSON has neither NaN nor what is undefined. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part) => (ArrayBuffer.isView(part) ? Array.from(part as Float32Array) : part)));

/** Whether what was prepared are the numbers that the network has, filled up with 0. */
const areSame = (
  found: Readonly<Record<string, HostTensor>>,
  expected: Readonly<Record<string, HostTensor>>,
): boolean =>
  Object.entries(found).every(([name, { shape, dtype, values }]) => {
    const other = expected[name]!;
    if (other.dtype !== dtype || other.shape[0] !== shape[0]) return false;
    const [row, had] = [values.length / shape[0]!, other.values.length / shape[0]!];
    return values.every((value, i) =>
      Object.is(value, i % row < had ? other.values[Math.floor(i / row) * had + (i % row)]! : 0),
    );
  });

/** The outputs of all examples, one after the other. */
function outputsOf({ examples }: Task, revived: Module['revived'], longest?: number) {
  const rows = examples.map(({ output }) => revived(output) as Readonly<Record<string, Float32Array>>);
  return Object.fromEntries(
    Object.keys(rows[0]!).map((name) => {
      const parts = rows.map((row) => row[name]!);
      const size = longest ?? parts[0]!.length;
      const all = new Float32Array(parts.length * size);
      for (const [i, part] of parts.entries()) all.set(part, i * size);
      return [name, all];
    }),
  );
}

const differs = (task: string, what: string): BanyanError =>
  new BanyanError(
    'runtime',
    `"${task}": the module that goes along ${what}. Nothing was exported; report this with the network's parts, or leave it out.`,
  );
