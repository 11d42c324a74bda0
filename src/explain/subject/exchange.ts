import * as tf from '@tensorflow/tfjs';
import type { ColumnOutput } from '../../network/index.ts';
import {
  type BuiltTask,
  entriesOf,
  type HostTensor,
  type InputTap,
  type NetworkBody,
  passOf,
} from '../../network/index.ts';

/** What is explained: the numbers that a stem looks at, or its tokens. */
export type Level = 'input' | 'tokens';

/** One example, prepared, and where its numbers are exchanged. */
export interface Exchange {
  readonly body: NetworkBody;
  readonly task: BuiltTask;
  readonly level: Level;
  /** The example as each stem takes it, `[1, …]`. */
  readonly entries: readonly HostTensor[];
  /** By part: whether its stem shows no numbers, so that those of `prepare` themselves are exchanged. */
  readonly direct: readonly boolean[];
}

/**
 * Takes an example through stems and trunk with other numbers in the place of its own: `entries [1, …]` are those of `exchange`, and
 * `points [rows, …]` the numbers of each part. `tap` looks at what else is wanted.
 */
export function encodeExchanged(
  { body, task, level, direct }: Omit<Exchange, 'entries'>,
  entries: readonly tf.Tensor[],
  points: readonly tf.Tensor[],
  tap: InputTap = {},
): ColumnOutput {
  const rows = points[0]!.shape[0]!;
  const { parts } = task.input;
  const batch = entriesOf(task.input).map(({ part, stem }, e) => {
    const p = parts.indexOf(part);
    if (level === 'input' && direct[p] && stem === part.stem) return points[p]!;
    const entry = entries[e]!;
    return tf.tile(entry, [rows, ...entry.shape.slice(1).map(() => 1)]);
  });
  const exchanging: InputTap =
    level === 'tokens'
      ? { tokens: (p) => points[p] as tf.Tensor3D }
      : { tokens: (_, tokens) => tokens, looks: <T extends tf.Tensor>(p: number) => points[p] as T };
  return body.encode(passOf(task), batch, false, { ...tap, ...exchanging });
}
