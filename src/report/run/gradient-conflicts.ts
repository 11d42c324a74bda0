import { formatCosine, formatCount } from '../format.ts';
import type { Section } from '../page.ts';
import { plot } from '../plot.ts';
import { gridSpec, lineSpec } from './charts.ts';
import { type Comparison, cosineOf, meanCosine, type Pair, pairsOf } from './gradients.ts';
import { linesOf } from './series.ts';

const MEANING =
  'A cosine of 1: what one task learns from its batch serves the other as well. 0: it neither helps nor harms. Below 0: they pull apart. These are means over the measured steps; a single one is noisy.';
/** So many lines can be told apart. */
const MOST = 10;
/** Colours of smaller cosines would say more than there is. */
const LEAST_REACH = 0.1;

/** These are the mean cosines of the tasks' gradients in a training. */
interface Conflicts {
  readonly tasks: readonly string[];
  /** The pairs of tasks are ordered: those that pull apart most come first. */
  readonly pairs: readonly Pair[];
  readonly blocks: readonly string[];
  /** Gives the mean cosine of two tasks over the trunk. */
  meanOf(task: number, other: number): number | undefined;
  /** The mean cosines are given by pair and block. */
  readonly byBlock: readonly (readonly (number | undefined)[])[];
  /** This is the largest cosine, without its sign. */
  readonly reach: number;
}

/**
 * Shows what the tasks' gradients tell: how long they are, and which task pulls against which, where. `names` are the tasks in the order
 * of their colours, `steps` is how many were made.
 */
export async function gradientSections(
  comparisons: readonly Comparison[],
  names: readonly string[],
  steps: number,
): Promise<readonly Section[]> {
  if (comparisons.length === 0) return [];
  const conflicts = conflictsIn(comparisons);
  const text = `Measured in ${formatCount(comparisons.length)} of ${formatCount(steps)} steps, each on its own batch, at the weights before the update.`;
  const norms = await plot(normsSpec(comparisons, names));
  if (conflicts === undefined) return [{ title: 'Gradients of the tasks', text, pictures: [norms] }];
  const over = await plot(overSteps(comparisons, conflicts));
  const sections: Section[] = [
    { title: 'Gradients of the tasks', text, pictures: [norms, over] },
    {
      title: 'Which task pulls against which',
      text: `${MEANING} Colours are full at ±${conflicts.reach.toFixed(2)}.`,
      pictures: [await plot(tasksSpec(conflicts))],
    },
  ];
  if (conflicts.blocks.length > 0) {
    const pictures = [await plot(blocksSpec(conflicts))];
    sections.push({ title: 'And where', text: extremes(conflicts), pictures });
  }
  return sections;
}

/** @returns undefined where no two tasks have a gradient in one step. */
function conflictsIn(comparisons: readonly Comparison[]): Conflicts | undefined {
  const tasks = Object.keys(comparisons[0]!.norms);
  const means = new Map(pairsOf(tasks.length).map((pair) => [String(pair), meanCosine(comparisons, pair)]));
  const meanOf = (task: number, other: number) => means.get(String([Math.min(task, other), Math.max(task, other)]));
  const pairs = [...pairsOf(tasks.length)].sort((a, b) => (meanOf(...a) ?? 1) - (meanOf(...b) ?? 1));
  const blocks = [...new Set(comparisons.flatMap((comparison) => Object.keys(comparison.blocks)))];
  const inBlock = new Map(
    blocks.map((block) => [block, comparisons.flatMap((comparison) => comparison.blocks[block] ?? [])]),
  );
  const byBlock = pairs.map((pair) => blocks.map((block) => meanCosine(inBlock.get(block)!, pair)));
  const cosines = [...means.values(), ...byBlock.flat()].flatMap((cosine) => cosine ?? []);
  if (cosines.length === 0) return undefined;
  return { tasks, pairs, blocks, meanOf, byBlock, reach: Math.max(LEAST_REACH, ...cosines.map(Math.abs)) };
}

const nameOf = (tasks: readonly string[], [task, other]: Pair) => `${tasks[task]} · ${tasks[other]}`;
/** A run trains one column, so its number says nothing. */
const shortName = (block: string) => block.replace(/^column-\d+\//, '');

const normsSpec = (comparisons: readonly Comparison[], names: readonly string[]) =>
  lineSpec({
    title: 'norm of the gradient over the trunk',
    lines: linesOf(comparisons.map(({ step, norms: values }) => ({ step, values }))),
    names,
    smooth: true,
    logarithmic: true,
  });

function overSteps(comparisons: readonly Comparison[], { tasks, pairs }: Conflicts) {
  const shown = pairs.slice(0, MOST);
  return lineSpec({
    title: `cosine of two tasks${pairs.length > MOST ? `, the ${MOST} pairs that pull apart most` : ''}`,
    lines: linesOf(
      comparisons.map((comparison) => ({
        step: comparison.step,
        values: Object.fromEntries(shown.map((pair) => [nameOf(tasks, pair), cosineOf(comparison, pair)])),
      })),
    ),
    names: shown.map((pair) => nameOf(tasks, pair)),
    smooth: true,
    symmetric: true,
  });
}

const tasksSpec = ({ tasks, meanOf, reach }: Conflicts) =>
  gridSpec({
    title: 'mean cosine over the trunk',
    rows: tasks,
    columns: tasks,
    cosines: tasks.map((_, k) => tasks.map((_, l) => meanOf(k, l))),
    reach,
  });

const blocksSpec = ({ tasks, pairs, blocks, byBlock, reach }: Conflicts) =>
  gridSpec({
    title: 'mean cosine in each block',
    rows: pairs.map((pair) => nameOf(tasks, pair)),
    columns: blocks.map(shortName),
    cosines: byBlock,
    reach,
  });

function extremes({ tasks, pairs, blocks, byBlock }: Conflicts): string {
  const cells = byBlock
    .flatMap((row, i) => row.map((cosine, j) => ({ cosine, pair: pairs[i]!, block: blocks[j]! })))
    .flatMap(({ cosine, ...rest }) => (cosine === undefined ? [] : [{ cosine, ...rest }]))
    .sort((a, b) => a.cosine - b.cosine);
  const tell = ({ cosine, pair, block }: (typeof cells)[number]) =>
    `${nameOf(tasks, pair)} in ${shortName(block)} (${formatCosine(cosine)})`;
  const [first, last] = [cells[0]!, cells.at(-1)!];
  const apart = first.cosine < 0 ? `Most apart: ${tell(first)}.` : 'No two tasks pull apart on average in any block.';
  return `The pairs that pull apart most stand first. ${apart} Most together: ${tell(last)}.`;
}
