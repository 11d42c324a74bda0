import type * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { didYouMean } from '../../nearest.ts';
import { intoScope } from '../../scope.ts';
import type { Stem } from '../../task/contract.ts';
import type { BuiltColumn, BuiltStem, BuiltTask, InputPart, LateralRoute } from './built.ts';
import type { BuildScope } from './resolve.ts';

/** The stems of a column, each as the first task marks it that named it. */
function partsIn({ tasks }: BuiltColumn): readonly InputPart[] {
  const parts = tasks.flatMap(({ input }) => input.parts);
  return parts.filter(({ stem }, i) => parts.findIndex((part) => part.stem === stem) === i);
}

/** The one part among these; of several, the one that has this name. */
function onlyOrNamed(parts: readonly InputPart[], name: string | undefined): InputPart | undefined {
  const candidates = parts.length > 1 && name !== undefined ? parts.filter((part) => part.name === name) : parts;
  return candidates.length === 1 ? candidates[0] : undefined;
}

/** A stem whose routes are to be found. */
interface NewStem {
  readonly scope: string;
  readonly implementation: Stem<unknown>;
  /** The name of the input that it takes, where there are several. */
  readonly name: string | undefined;
}

/**
 * How a new stem's examples come into each of the earlier columns: through the stem of the task named `routeStem`, where it
 * stands in that column; else through the one stem there that has this modality and input shape, or, of several, the one whose
 * input has the same name; else as the new stem's own tokens, which a fixed random projection brings to another width (no gradient reaches it: earlier columns are computed
 * forward only).
 * @throws BanyanError `argument` for a `routeStem` that is no task of an earlier column, or of another modality.
 */
export function routesInto(
  { store }: BuildScope,
  { scope, implementation: stem, name }: NewStem,
  width: number,
  earlier: readonly BuiltColumn[],
  routeStem: string | undefined,
): readonly LateralRoute[] {
  const named = routeStem === undefined ? undefined : namedPart(earlier, routeStem, stem, name);
  return earlier.map((column, index): LateralRoute => {
    if (named?.stem.column === index) return { stem: named.stem, type: named.type };
    const alike = partsIn(column).filter(
      ({ stem: { implementation } }) =>
        implementation.modality === stem.modality && String(implementation.inputShape) === String(stem.inputShape),
    );
    const fitting = onlyOrNamed(alike, name);
    if (fitting !== undefined) return { stem: fitting.stem, type: fitting.type };
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
function namedPart(
  earlier: readonly BuiltColumn[],
  routeStem: string,
  { modality }: Stem<unknown>,
  name: string | undefined,
): InputPart | undefined {
  const { parts } = taskNamed(earlier, routeStem).input;
  return onlyOrNamed(
    parts.filter(({ stem }) => stem.implementation.modality === modality),
    name,
  );
}

/** @throws BanyanError `argument` when not one new stem goes through the named one. */
export function assertNamedIsUsed(
  routeStem: string,
  earlier: readonly BuiltColumn[],
  stems: readonly BuiltStem[],
): void {
  const named = taskNamed(earlier, routeStem).input.parts.map(({ stem }) => stem);
  if (stems.some(({ routes }) => routes.some(({ stem }) => stem !== undefined && named.includes(stem)))) return;
  const modalities = stems.map(({ implementation }) => implementation.modality).join(', ');
  throw new BanyanError(
    'argument',
    `laterals.stem: no new stem can go through the stem of task "${routeStem}", which is of modality ${named.map(({ implementation }) => implementation.modality).join(', ')}. Expected one of: ${modalities}. Name another task, or leave it out.`,
  );
}
