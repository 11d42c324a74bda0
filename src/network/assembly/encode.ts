import * as tf from '@tensorflow/tfjs';
import { mix, mixTokens } from '../../layers/index.ts';
import { currentLabel, detached, labelled } from '../../runtime/index.ts';
import { columnScope } from '../../scope.ts';
import { blaming } from '../../task/blame.ts';
import type { Call, Mixing, StemTokens } from '../../task/contract.ts';
import type { Activations, Tap } from '../../trunk/index.ts';
import { AuxiliaryLosses } from './auxiliary.ts';
import {
  type BuiltColumn,
  type BuiltInput,
  type BuiltStem,
  type BuiltTask,
  type Entry,
  entriesOf,
  type InputPart,
  type Pass,
} from './built.ts';
import { checkFeatures, checkTokens } from './checks.ts';
import { PassMixing } from './mixing.ts';
import { columnsInto } from './needed.ts';

/** What a pass through a column gives, and how that is meant. */
export interface ColumnOutput {
  /**
   * Gives what the head of one of the pass's tasks reads, `[batch, positions, width]`: one tensor for all of them, unless they share
   * the trunk softly.
   */
  tokensOf(task: BuiltTask): tf.Tensor3D;
  /** Says how a task's head is called, which may be trained while the column is frozen. */
  callOf(task: BuiltTask): Call;
  /** The same for the column. */
  readonly columnCall: Call;
  /** What the pass's stems give beside their tokens, `[batch, …]` each: by name, and of several inputs by INPUT.NAME. */
  readonly features: Readonly<Record<string, tf.Tensor>>;
  /** The losses that the pass's parts give of their own; `output` adds those of heads and decoder. */
  readonly auxiliary: AuxiliaryLosses;
  /** How the pass's samples were mixed, where a stem did so. */
  readonly mixing?: Mixing | undefined;
}

/** Looks at what stems compute as well, by the number of the input's part, at the weights of attention, and at where tokens go. */
export interface InputTap extends Tap {
  /** See `Call.looks`. */
  looks?<T extends tf.Tensor>(part: number, numbers: T, axes: number): T;
  /** Sees a stem's tokens, `[batch, positions, width]`, and which of them are padding. */
  tokens?(part: number, tokens: tf.Tensor3D, mask: tf.Tensor2D | undefined): tf.Tensor3D;
  /** See `Call.attends`: in the column of the pass, block after block. */
  attends?(weights: tf.Tensor4D): void;
  /** See `Call.routes`: in the column of the pass and its decoder, block after block; `block` is the block's scope. */
  routes?(block: string, visits: tf.Tensor3D): void;
}

/** Tokens `[batch, positions, width]`, and which of them are none: `[batch, positions]`, 0 = padding. */
interface Encoded {
  readonly tokens: tf.Tensor3D;
  readonly mask?: tf.Tensor2D | undefined;
  /** What a stem gives beside them, by name. */
  readonly features?: Readonly<Record<string, tf.Tensor>>;
}

/**
 * Takes a batch through its stems and their column to the tokens of a pass's tasks, and, forward only, through what that column needs
 * of earlier ones. `inputs`: the batch as each of `entriesOf(input)` takes it. `trains`: whether the part of a scope runs in
 * training mode.
 */
export function encode(
  columns: readonly BuiltColumn[],
  { input, tasks }: Pick<Pass, 'input' | 'tasks'>,
  inputs: readonly tf.Tensor[],
  trains: (scope: string) => boolean,
  tap?: InputTap,
): ColumnOutput {
  const names = tasks.map(({ name }) => name);
  const auxiliary = new AuxiliaryLosses(names);
  const batches = new Batches(columns, input, inputs);
  const passMixing = new PassMixing(names);
  let mixer: InputPart | undefined;
  const plain = input.parts.map((part, i) => {
    const call = { ...callOf(trains(part.stem.scope), undefined, auxiliary), ...looking(tap, i) };
    const mixed = (mixing: Mixing) => {
      passMixing.take(mixing);
      mixer = part;
    };
    const encoded = batches.through(part, part.stem, part.type, call.training ? { ...call, mixed } : call);
    return tap?.tokens === undefined ? encoded : { ...encoded, tokens: tap.tokens(i, encoded.tokens, encoded.mask) };
  });
  const { mixing } = passMixing;
  const parts = plain.map((part, i) => (input.parts[i] === mixer ? part : mixEncoded(part, mixing)));
  const joined = join(parts);
  const earlier = earlierColumns(columns, input, batches, parts, mixing, tap);
  const plainCall = callOf(trains(columnScope(input.column)), joined.mask, auxiliary);
  const columnCall: Call = {
    ...plainCall,
    ...(tap?.attends === undefined ? {} : { attends: tap.attends }),
    ...(tap?.routes === undefined ? {} : { routes: (visits) => tap.routes!(currentLabel(), visits) }),
  };
  const tokens = columns[input.column]!.body.forward(joined.tokens, columnCall, names, {
    ...{ earlier, tap, trains },
    exits: exitsOf(tasks),
  });
  return {
    tokensOf: ({ name }) => tokens.get(name)!,
    callOf: ({ scope }) => callOf(trains(scope), joined.mask, auxiliary),
    columnCall,
    features: featuresOf(input, parts),
    auxiliary,
    mixing,
  };
}

/** The depths at which heads read that do not read at the end, by task. */
const exitsOf = (tasks: Pass['tasks']): ReadonlyMap<string, number> =>
  new Map(tasks.flatMap(({ name, at }) => (at === undefined ? [] : [[name, at] as const])));

/** A call as a part gets it. What does not learn gives no loss. */
const callOf = (training: boolean, mask: tf.Tensor2D | undefined, auxiliary?: AuxiliaryLosses): Call => ({
  training,
  ...(mask === undefined ? {} : { mask }),
  ...(training && auxiliary !== undefined ? { also: auxiliary.take } : {}),
});

/** What a tap adds to the call of the stem of part `i`. */
const looking = (tap: InputTap | undefined, i: number): Pick<Call, 'looks'> =>
  tap?.looks === undefined ? {} : { looks: (numbers, axes) => tap.looks!(i, numbers, axes) };

/** A batch as each stem takes it that it goes through. */
class Batches {
  readonly #columns: readonly BuiltColumn[];
  readonly #entries: readonly Entry[];
  readonly #inputs: readonly tf.Tensor[];
  readonly #outputs = new Map<Entry, Encoded>();

  constructor(columns: readonly BuiltColumn[], input: BuiltInput, inputs: readonly tf.Tensor[]) {
    this.#columns = columns;
    this.#entries = entriesOf(input);
    this.#inputs = inputs;
  }

  /** What a stem gives for a part of the input, marked by `type`. */
  through(part: InputPart, stem: BuiltStem, type: tf.Variable | undefined, call: Call): Encoded {
    const at = this.#entries.findIndex((entry) => entry.part === part && entry.stem === stem);
    const entry = this.#entries[at]!;
    const output = this.#outputs.get(entry) ?? stemOutput(this.#columns, stem, this.#inputs[at]!, call);
    this.#outputs.set(entry, output);
    if (type === undefined) return output;
    return { ...output, tokens: labelled(stem.scope, () => output.tokens.add(type)) };
  }
}

function stemOutput(columns: readonly BuiltColumn[], stem: BuiltStem, batch: tf.Tensor, call: Call): Encoded {
  const output = labelled(stem.scope, () =>
    blaming(`${stem.scope}: forward()`, 'tokens [batch, positions, width]', () =>
      stem.implementation.forward(batch, call),
    ),
  );
  const {
    tokens,
    mask,
    features = {},
  }: Partial<StemTokens> & Pick<StemTokens, 'tokens'> = 'tokens' in output ? output : { tokens: output };
  checkTokens(stem, columns[stem.column]!.plan.trunk.width, tokens, mask);
  checkFeatures(stem, features, tokens.shape[0]);
  return { tokens, mask, features };
}

/** The features of all stems. Two inputs may have features of one name, so each is named after its input. */
const featuresOf = ({ parts }: BuiltInput, outputs: readonly Encoded[]): Readonly<Record<string, tf.Tensor>> =>
  Object.fromEntries(
    parts.flatMap(({ name: input }, i) =>
      Object.entries(outputs[i]!.features ?? {}).map(([name, tensor]) => [
        input === undefined ? name : `${input}.${name}`,
        tensor,
      ]),
    ),
  );

/** Mixes what a stem gave for samples that another stem has mixed; padding counts as 0, and ends where the longer one of both ends. */
function mixEncoded(encoded: Encoded, mixing: Mixing | undefined): Encoded {
  if (mixing === undefined) return encoded;
  const { tokens, mask, features = {} } = encoded;
  const mixed = Object.entries(features).map(([name, feature]) => [name, mix(feature, mixing)] as const);
  return { ...mixTokens({ tokens, mask }, mixing), features: Object.fromEntries(mixed) };
}

/** Puts the tokens of all parts one after the other. */
function join(parts: readonly Encoded[]): Encoded {
  if (parts.length === 1) return parts[0]!;
  const tokens = tf.concat(
    parts.map((part) => part.tokens),
    1,
  );
  if (parts.every(({ mask }) => mask === undefined)) return { tokens };
  const masks = parts.map(({ tokens: { shape }, mask }) => mask ?? tf.ones<tf.Rank.R2>([shape[0], shape[1]]));
  return { tokens, mask: tf.concat(masks, 1) };
}

/** Computes what of earlier columns comes into an input's column. `parts`: what the input's own stems gave. */
function earlierColumns(
  columns: readonly BuiltColumn[],
  input: BuiltInput,
  batches: Batches,
  parts: readonly Encoded[],
  mixing: Mixing | undefined,
  tap?: InputTap,
): ReadonlyMap<number, Activations> {
  const activations = new Map<number, Activations>();
  for (const [index, count] of columnsInto(columns, input.column)) {
    const routed = input.parts.map((part, i): Encoded => {
      const route = part.stem.routes[index]!;
      if (route.stem !== undefined)
        return mixEncoded(batches.through(part, route.stem, route.type, { training: false }), mixing);
      const { tokens, mask } = parts[i]!;
      // Nothing is trained through it, but an explanation follows it.
      const source = tap?.tokens === undefined ? detached(tokens) : tokens;
      return { tokens: labelled(part.stem.scope, () => route.fit(source)), mask };
    });
    const { tokens, mask } = join(routed);
    const { body } = columns[index]!;
    activations.set(index, body.activations(tokens, callOf(false, mask), count, activations, tap));
  }
  return activations;
}
