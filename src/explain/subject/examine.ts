import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import {
  assembleInputs,
  type BuiltTask,
  entriesOf,
  type HostTensor,
  type InputTap,
  isWriting,
  type NetworkBody,
  outputsOf,
  passOf,
} from '../../network/index.ts';
import type { CompileMode, Results } from '../../runtime/index.ts';
import type { SampleOutput } from '../../task/contract.ts';
import type { Point, SubjectPart } from '../method.ts';
import type { Exchange, Level } from './exchange.ts';

/** An example as it is found before anything is exchanged. */
export interface Examined extends Exchange {
  readonly parts: readonly SubjectPart[];
  readonly input: Point;
  readonly baselines: readonly Point[];
  /** What the head gives, undecoded. */
  readonly output: SampleOutput;
  /** The symbols that a head has written, with its end; undefined for one that does not write. */
  readonly written: Int32Array | undefined;
}

/** What an example is compared with: numbers that are all 0, or other examples. */
export type Baseline = 'zeros' | { readonly examples: readonly unknown[] };

export interface ExamineOptions {
  /** Default: the input where its stems show numbers, else their tokens. */
  readonly level: Level | undefined;
  readonly baseline: Baseline;
  readonly compile: CompileMode;
  /** What an error calls the example. */
  readonly place: string;
}

/**
 * Prepares an example and what it is compared with, and sees which numbers of theirs can be exchanged.
 * @throws BanyanError as `Network.predict`; `argument` for an input of symbols, which only tokens can explain.
 */
export async function examine(
  body: NetworkBody,
  task: BuiltTask,
  raw: unknown,
  options: ExamineOptions,
): Promise<Examined> {
  const { baseline, compile, place } = options;
  const others = baseline === 'zeros' ? [] : baseline.examples;
  const placeOf = (i: number) => (i === 0 ? place : `baseline ${i - 1}`);
  const inputs = assembleInputs(task.name, task.input, [raw, ...others], placeOf);
  const seen = await body.compute(
    { kind: 'explain', key: ['examine', task.name], inputs, trace: (batch) => look(body, task, batch) },
    compile,
  );
  const [output] = await outputsOf(body, task, [raw], { compile, placeOf: () => place });
  const found = partsOf(task, inputs, seen, options.level);
  const rowsOf = (row: number): Point => found.numbers.map((values) => rowOf(values, row));
  return {
    body,
    task,
    level: found.level,
    entries: inputs.map((entry) => firstRow(entry)),
    direct: found.direct,
    parts: found.parts,
    input: rowsOf(0),
    baselines:
      baseline === 'zeros'
        ? [rowsOf(0).map(({ length }) => new Float32Array(length))]
        : others.map((_, i) => rowsOf(i + 1)),
    output: output!,
    written: isWriting(task) ? Int32Array.from([...(output as Float32Array), task.writing.writes.end]) : undefined,
  };
}

/** Says what the stems show, with the number of its axes of places, and their tokens. */
function look(body: NetworkBody, task: BuiltTask, batch: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  const found: Record<string, tf.Tensor> = {};
  const tap: InputTap = {
    looks: (p, numbers, axes) => {
      found[`looks-${axes}/${p}`] = numbers;
      return numbers;
    },
    tokens: (p, tokens) => {
      found[`tokens/${p}`] = tokens;
      return tokens;
    },
  };
  body.encode(passOf(task), batch, false, tap);
  return found;
}

function partsOf(task: BuiltTask, inputs: readonly HostTensor[], seen: Results, wanted: Level | undefined) {
  const entries = entriesOf(task.input);
  const shown = task.input.parts.map((part, p) => {
    const [name] = Object.keys(seen).filter((key) => key.startsWith('looks-') && key.endsWith(`/${p}`));
    if (name !== undefined) return { axes: Number(name.slice('looks-'.length, name.indexOf('/'))), ...seen[name]! };
    const prepared = inputs[entries.findIndex((entry) => entry.part === part && entry.stem === part.stem)]!;
    return prepared.dtype === 'float32' ? { axes: undefined, ...prepared } : undefined;
  });
  const level = wanted ?? (shown.every((numbers) => numbers !== undefined) ? 'input' : 'tokens');
  const hidden = shown.indexOf(undefined);
  if (level === 'input' && hidden >= 0) {
    const { name } = task.input.parts[hidden]!;
    throw new BanyanError(
      'argument',
      `Task "${task.name}": ${name === undefined ? 'its input' : `its input "${name}"`} is whole numbers, which have no gradient, and its stem shows no others. Expected numbers, or \`at: 'tokens'\`. Explain the tokens.`,
    );
  }
  const chosen = task.input.parts.map((_, p) =>
    level === 'tokens' ? { axes: 1, ...seen[`tokens/${p}`]! } : shown[p]!,
  );
  return {
    level: level as Level,
    direct: chosen.map(({ axes }) => axes === undefined),
    numbers: chosen as readonly HostTensor[],
    parts: chosen.map(({ axes, shape }, p): SubjectPart => {
      const { name } = task.input.parts[p]!;
      return { ...(name === undefined ? {} : { name }), shape: shape.slice(1), axes: axes ?? shape.length - 1 };
    }),
  };
}

const rowOf = ({ values, shape }: HostTensor, row: number): Float32Array => {
  const size = values.length / shape[0]!;
  return Float32Array.from(values.subarray(row * size, (row + 1) * size));
};

const firstRow = ({ values, shape, dtype }: HostTensor): HostTensor =>
  ({ shape: [1, ...shape.slice(1)], dtype, values: values.slice(0, values.length / shape[0]!) }) as HostTensor;
