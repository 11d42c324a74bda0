import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { didYouMean } from '../../nearest.ts';
import { intoScope } from '../../scope.ts';
import type { Stem } from '../../task/contract.ts';
import type { BuiltColumn, BuiltStem, BuiltTask, LateralRoute } from './built.ts';
import type { BuildScope } from './resolve.ts';

const stemsIn = ({ tasks }: BuiltColumn): readonly BuiltStem[] => [...new Set(tasks.map(({ stem }) => stem))];

/**
 * How a new stem's examples come into each of the earlier columns: through the stem of the task named `routeStem`, where it
 * stands in that column; else through the one stem there that has this modality and input shape; else as the new stem's own
 * tokens, which a fixed random projection brings to another width (no gradient reaches it: earlier columns are computed
 * forward only).
 * @throws BanyanError `argument` for a `routeStem` that is no task of an earlier column, or of another modality.
 */
export function routesInto(
  { store }: BuildScope,
  scope: string,
  stem: Stem<unknown>,
  width: number,
  earlier: readonly BuiltColumn[],
  routeStem: string | undefined,
): readonly LateralRoute[] {
  const named = routeStem === undefined ? undefined : namedStem(earlier, routeStem, stem);
  return earlier.map((column, index): LateralRoute => {
    const stems = stemsIn(column);
    if (named !== undefined && stems.includes(named)) return { stem: named };
    const alike = stems.filter(
      ({ implementation: { modality, inputShape } }) =>
        modality === stem.modality && String(inputShape) === String(stem.inputShape),
    );
    if (alike.length === 1) return { stem: alike[0]! };
    const { width: theirs } = column.plan.trunk;
    if (theirs === width) return { fit: (tokens) => tokens };
    const matrix = store
      .scope(intoScope(scope, index))
      .variable('projection', [width, theirs], { normal: Math.sqrt(1 / width) }, { trainable: false });
    return {
      fit: (tokens) => {
        const [batch, positions] = tokens.shape;
        const rows = tokens.reshape([-1, width]).matMul(matrix as tf.Tensor); // [batch * positions, width of theirs]
        return rows.reshape([batch, positions, theirs]) as tf.Tensor3D;
      },
    };
  });
}

function taskNamed(earlier: readonly BuiltColumn[], routeStem: string): BuiltTask {
  const tasks = earlier.flatMap(({ tasks }) => tasks);
  const found = tasks.find(({ name }) => name === routeStem);
  if (found !== undefined) return found;
  const names = tasks.map(({ name }) => name);
  throw new BanyanError(
    'argument',
    `laterals.stem: there is no task "${routeStem}" in an earlier column. Expected one of: ${names.join(', ')}. ${didYouMean(routeStem, names, 'Name one of these.')}`,
  );
}

/** A column may have tasks of several modalities; the name is meant for those that it fits. */
function namedStem(earlier: readonly BuiltColumn[], routeStem: string, stem: Stem<unknown>): BuiltStem | undefined {
  const named = taskNamed(earlier, routeStem).stem;
  return named.implementation.modality === stem.modality ? named : undefined;
}

/** @throws BanyanError `argument` when not one new stem goes through the named one. */
export function assertNamedIsUsed(
  routeStem: string,
  earlier: readonly BuiltColumn[],
  stems: readonly BuiltStem[],
): void {
  const { stem: named } = taskNamed(earlier, routeStem);
  if (stems.some(({ routes }) => routes.some(({ stem }) => stem === named))) return;
  const modalities = stems.map(({ implementation }) => implementation.modality).join(', ');
  throw new BanyanError(
    'argument',
    `laterals.stem: no new stem can go through the stem of task "${routeStem}", which is of modality ${named.implementation.modality}. Expected one of: ${modalities}. Name another task, or leave it out.`,
  );
}
