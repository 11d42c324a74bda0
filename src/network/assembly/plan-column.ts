import { BanyanError } from '../../error.ts';
import type { AnyTask } from '../../task/task.ts';
import { allLaterals, type ColumnPlan, type Trunk } from '../../trunk/index.ts';
import type { ColumnOptions } from '../options.ts';
import type { BuiltColumn } from './built.ts';

/**
 * Plans a column beside those that are there.
 * @throws BanyanError `argument` for a trunk of another depth.
 */
export function planColumn(
  columns: readonly BuiltColumn[],
  options: ColumnOptions<AnyTask>,
): { readonly plan: ColumnPlan; readonly routeStem: string | undefined } {
  const first = columns[0]!.plan.trunk;
  const { trunk = first, laterals = {} } = options;
  const { kind = 'nonlinear', stem } = typeof laterals === 'string' ? { kind: laterals } : laterals;
  checkDepth(trunk, first);
  const widths = columns.map(({ plan }) => plan.trunk.width);
  const inputs = allLaterals(trunk.depth, kind === 'none' ? [] : widths);
  return { plan: { trunk, laterals: kind, inputs }, routeStem: stem };
}

/** Warns of a new column that was to hear earlier ones, and cannot. */
export function warnOfSilence({ laterals, inputs }: ColumnPlan): void {
  if (laterals === 'none' || inputs.flat().length > 0) return;
  process.emitWarning(
    "addColumn: the new column hears nothing of what is there, since nothing comes into a column's first block, and this network has depth 1. Expected a depth of 2 or more. Begin with a deeper trunk, or set laterals to 'none'.",
    'BanyanWarning',
  );
}

function checkDepth({ depth }: Trunk, first: Trunk): void {
  if (depth === first.depth) return;
  throw new BanyanError(
    'argument',
    `addColumn: trunk has depth ${depth}, expected ${first.depth}, that of the first column: a block hears the blocks before its own depth. Give it that depth.`,
  );
}
