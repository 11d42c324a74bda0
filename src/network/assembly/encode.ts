import type * as tf from '@tensorflow/tfjs';
import { detached, labelled } from '../../runtime/index.ts';
import { columnScope } from '../../scope.ts';
import { blaming } from '../../task/blame.ts';
import type { Call, StemTokens } from '../../task/contract.ts';
import type { Activations, Tap } from '../../trunk/index.ts';
import { AuxiliaryLosses } from './auxiliary.ts';
import { type BuiltColumn, type BuiltStem, type BuiltTask, type Pass, stemsOf } from './built.ts';
import { checkFeatures, checkTokens } from './checks.ts';
import { columnsInto } from './needed.ts';

/** What a pass through a column gives, and how that is meant. */
export interface ColumnOutput {
  /**
   * Gives what the head of one of the pass's tasks reads, `[batch, positions, width]`: one tensor for all of them, unless they share
   * the trunk softly.
   */
  tokensOf(task: BuiltTask): tf.Tensor3D;
  readonly call: Call;
  /** The same for the column, which may be frozen while the head is trained. */
  readonly columnCall: Call;
  /** What the pass's stem gives beside its tokens, by name, `[batch, …]` each. */
  readonly features: Readonly<Record<string, tf.Tensor>>;
  /** The losses that the pass's parts give of their own; `output` adds those of heads and decoder. */
  readonly auxiliary: AuxiliaryLosses;
}

/** What a stem gives: tokens `[batch, positions, width]`, and which of them are none. */
interface StemOutput {
  readonly tokens: tf.Tensor3D;
  readonly mask: tf.Tensor2D | undefined;
  readonly features: Readonly<Record<string, tf.Tensor>>;
}

/**
 * Takes a batch through a stem and its column to the tokens of a pass's tasks, and, forward only, through what that column needs
 * of earlier ones. `inputs`: the batch as each of `stemsOf(stem)` takes it. `trains`: whether the part of a scope runs in training
 * mode.
 */
export function encode(
  columns: readonly BuiltColumn[],
  { stem, tasks }: Pick<Pass, 'stem' | 'tasks'>,
  inputs: readonly tf.Tensor[],
  training: boolean,
  trains: (scope: string) => boolean,
  tap?: Tap,
): ColumnOutput {
  const names = tasks.map(({ name }) => name);
  const auxiliary = new AuxiliaryLosses(names);
  const callOf = (training: boolean, mask?: tf.Tensor2D) => maskedCall(training, mask, auxiliary);
  const output = stemOutput(columns, stem, inputs[0]!, callOf(trains(stem.scope)));
  const earlier = earlierColumns(columns, stem, inputs, output, tap);
  const columnCall = callOf(trains(columnScope(stem.column)), output.mask);
  const tokens = columns[stem.column]!.body.forward(output.tokens, columnCall, names, earlier, tap);
  const call = callOf(training, output.mask);
  return { tokensOf: ({ name }) => tokens.get(name)!, call, columnCall, features: output.features, auxiliary };
}

/** A call as a part gets it. What does not learn gives no loss. */
const maskedCall = (training: boolean, mask: tf.Tensor2D | undefined, auxiliary?: AuxiliaryLosses): Call => ({
  training,
  ...(mask === undefined ? {} : { mask }),
  ...(training && auxiliary !== undefined ? { also: auxiliary.take } : {}),
});

function stemOutput(columns: readonly BuiltColumn[], stem: BuiltStem, batch: tf.Tensor, call: Call): StemOutput {
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

/** Computes what of earlier columns comes into a stem's column. `output`: what the stem itself gave. */
function earlierColumns(
  columns: readonly BuiltColumn[],
  stem: BuiltStem,
  inputs: readonly tf.Tensor[],
  output: StemOutput,
  tap?: Tap,
): ReadonlyMap<number, Activations> {
  const stems = stemsOf(stem);
  const outputs = new Map<BuiltStem, StemOutput>();
  const outputOf = (other: BuiltStem): StemOutput => {
    const computed =
      outputs.get(other) ?? stemOutput(columns, other, inputs[stems.indexOf(other)]!, { training: false });
    outputs.set(other, computed);
    return computed;
  };
  const activations = new Map<number, Activations>();
  for (const [index, count] of columnsInto(columns, stem.column)) {
    const route = stem.routes[index]!;
    const { tokens, mask } =
      route.stem !== undefined
        ? outputOf(route.stem)
        : {
            tokens: labelled(stem.scope, () => route.fit(detached(output.tokens))),
            mask: output.mask,
          };
    const call = maskedCall(false, mask);
    activations.set(index, columns[index]!.body.activations(tokens, call, count, activations, tap));
  }
  return activations;
}
