import { z } from 'zod';
import { checked } from '../../checkpoint/index.ts';
import { BanyanError } from '../../error.ts';
import type { RuntimeIdentity } from '../../runtime/index.ts';
import type { Json } from '../../task/contract.ts';
import { LATERAL_KINDS, type LateralInput, type LateralKind, trunkFromConfig } from '../../trunk/index.ts';

const json = z.custom<Json>((value) => value !== undefined, 'expected data');
const index = z.int().min(0);
const size = z.int().min(1);

/** A saved column. */
interface ColumnDescription {
  readonly trunk: Json;
  readonly laterals: LateralKind;
  /** What comes into each block from earlier columns. */
  readonly inputs: readonly (readonly LateralInput[])[];
  /** The task whose stem was named for the routes into earlier columns. */
  readonly through?: string;
  readonly tasks: readonly string[];
}

/** What a saved network says of a frozen task beside its probes and outputs. */
export interface FrozenFacts {
  readonly digest: string;
  /** Where the outputs were computed: bits hold there alone. */
  readonly runtime: RuntimeIdentity;
}

/** What a saved network says of itself beside its weights. */
export interface NetworkDescription {
  readonly seed: number;
  readonly columns: readonly ColumnDescription[];
  readonly tasks: readonly {
    readonly name: string;
    readonly stem: string;
    /** The scope of its head's weights, where it shares those of another task. */
    readonly head?: string;
    /** The scopes of the stems of its several inputs, by their names. */
    readonly inputs?: Readonly<Record<string, string>>;
    /** The plugin that brought it, where it was loaded by name. */
    readonly plugin?: string;
  }[];
  readonly assets: Readonly<Record<string, Json>>;
  readonly frozen: Readonly<Record<string, FrozenFacts>>;
}

const column = z.object({
  trunk: json,
  laterals: z.enum(LATERAL_KINDS),
  inputs: z.array(z.array(z.object({ column: index, width: size, channels: z.array(index).min(1).optional() }))).min(1),
  through: z.string().optional(),
  tasks: z.array(z.string()).min(1),
});

/** The facts about device and TensorFlow. */
const runtime = z
  .object({
    backend: z.string(),
    tensorflow: z.string().nullable(),
    device: z.string(),
    threads: z.number(),
    oneDnn: z.string().nullable(),
    kernels: z.string().nullable(),
  })
  .catchall(z.union([z.string(), z.number(), z.null()]));

const task = z.object({
  name: z.string(),
  stem: z.string(),
  head: z.string().optional(),
  inputs: z.record(z.string(), z.string()).optional(),
  plugin: z.string().optional(),
});

const schema = z.object({
  seed: index,
  columns: z.array(column).min(1),
  tasks: z.array(task).min(1),
  assets: z.record(z.string(), json),
  frozen: z.record(z.string(), z.object({ digest: z.string(), runtime })),
});

/**
 * Reads what a folder says of the network in it, and checks that each entry has its form and that all fit each other.
 * @throws BanyanError `checkpoint` with the first place that is not what it should be.
 */
export function networkDescription(content: Json, folder: string): NetworkDescription {
  const described = checked(schema, content, folder) as NetworkDescription;
  const wrong = faultIn(described) ?? depthFaultIn(described, folder);
  if (wrong === undefined) return described;
  throw new BanyanError(
    'checkpoint',
    `${folder}: what it says of its network does not fit together: ${wrong}. Use another copy, or another checkpoint.`,
  );
}

/** A trunk of a user's own is not known here. */
function depthFaultIn({ columns }: NetworkDescription, folder: string): string | undefined {
  const at = columns.findIndex(({ trunk, inputs }, column) => {
    const builtIn = trunkFromConfig(trunk, `${folder}: the trunk of column ${column}`);
    return builtIn !== undefined && builtIn.depth !== inputs.length;
  });
  return at < 0 ? undefined : `column ${at} has ${columns[at]!.inputs.length} blocks, and its trunk another number`;
}

/** Says in one clause what does not fit together. */
function faultIn({ columns, tasks, frozen }: NetworkDescription): string | undefined {
  const names = tasks.map(({ name }) => name);
  const named = columns.flatMap(({ tasks }) => tasks);
  if (new Set(names).size < names.length || String(named) !== String(names))
    return `its tasks are ${names.join(', ')}, and its columns read ${named.join(', ')}`;
  const stranger = Object.keys(frozen).find((name) => !names.includes(name));
  if (stranger !== undefined) return `"${stranger}" is frozen and none of its tasks`;
  for (const [c, { inputs, laterals, through }] of columns.entries()) {
    const earlier = columns.slice(0, c);
    if (through !== undefined && !earlier.some(({ tasks }) => tasks.includes(through)))
      return `column ${c} goes through the stem of "${through}", which is no task of an earlier column`;
    for (const [b, into] of inputs.entries()) {
      if (into.length > 0 && (b === 0 || laterals === 'none')) return `block ${b} of column ${c} has lateral inputs`;
      const from = into.map(({ column }) => column);
      if (from.some((other, i) => other >= c || (i > 0 && other <= from[i - 1]!)))
        return `into block ${b} of column ${c} come the columns ${from.join(', ')}`;
      const odd = into.find(({ width, channels }) =>
        channels?.some((channel, i) => channel >= width || (i > 0 && channel <= channels[i - 1]!)),
      );
      if (odd !== undefined)
        return `of column ${odd.column} come channels into block ${b} of column ${c} that it lacks`;
    }
  }
  return undefined;
}
