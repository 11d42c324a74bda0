import { formatCosine, formatCount } from '../format.ts';
import type { Section } from '../page.ts';
import { plot } from '../plot.ts';
import { gridSpec, lineSpec } from './charts.ts';
import { type Comparison, cosineOf, meanCosine, type Pair, pairsOf } from './gradients.ts';
import { linesOf } from './series.ts';

const MEANING =
  'A cosine of 1: what one task learns from its batch serves the other as well. 0: it neither helps nor harms. Below 0: they pull apart. These are means over the measured steps; a single one is noisy.';
// Lines that can be told apart.
const MOST = 10;
// Colours of smaller cosines would say more than there is.
const LEAST_REACH = 0.1;

/** The mean cosines of a training. */
interface Pulls {
  readonly tasks: readonly string[];
  /** Those that pull apart most first. */
  readonly pairs: readonly Pair[];
  readonly parts: readonly string[];
  /** Over the trunk. */
  meanOf(one: number, other: number): number | undefined;
  /** By pair and part. */
  readonly byPart: readonly (readonly (number | undefined)[])[];
  /** The largest, without its sign. */
  readonly reach: number;
}

/**
 * What the tasks' gradients tell: how long they are, and which task pulls against which, where. `names`: the tasks in the order
 * of their colours; `steps`: how many were made.
 */
export async function gradientSections(
  comparisons: readonly Comparison[],
  names: readonly string[],
  steps: number,
): Promise<readonly Section[]> {
  if (comparisons.length === 0) return [];
  const pulls = pullsOf(comparisons);
  const text = `Measured in ${formatCount(comparisons.length)} of ${formatCount(steps)} steps, each on its own batch, at the weights before the update.`;
  const norms = await plot(normsSpec(comparisons, names));
  if (pulls === undefined) return [{ title: 'Gradients of the tasks', text, pictures: [norms] }];
  const over = await plot(overSteps(comparisons, pulls));
  const sections: Section[] = [
    { title: 'Gradients of the tasks', text, pictures: [norms, over] },
    {
      title: 'Which task pulls against which',
      text: `${MEANING} Colours are full at ±${pulls.reach.toFixed(2)}.`,
      pictures: [await plot(tasksSpec(pulls))],
    },
  ];
  if (pulls.parts.length > 0)
    sections.push({ title: 'And where', text: extremes(pulls), pictures: [await plot(partsSpec(pulls))] });
  return sections;
}

/** @returns undefined where no two tasks have a gradient in one step. */
function pullsOf(comparisons: readonly Comparison[]): Pulls | undefined {
  const tasks = Object.keys(comparisons[0]!.norms);
  const means = new Map(pairsOf(tasks.length).map((pair) => [String(pair), meanCosine(comparisons, pair)]));
  const meanOf = (one: number, other: number) => means.get(String([Math.min(one, other), Math.max(one, other)]));
  const pairs = [...pairsOf(tasks.length)].sort((a, b) => (meanOf(...a) ?? 1) - (meanOf(...b) ?? 1));
  const parts = [...new Set(comparisons.flatMap(({ blocks }) => Object.keys(blocks)))];
  const ofPart = new Map(parts.map((part) => [part, comparisons.flatMap(({ blocks }) => blocks[part] ?? [])]));
  const byPart = pairs.map((pair) => parts.map((part) => meanCosine(ofPart.get(part)!, pair)));
  const known = [...means.values(), ...byPart.flat()].flatMap((cosine) => cosine ?? []);
  if (known.length === 0) return undefined;
  return { tasks, pairs, parts, meanOf, byPart, reach: Math.max(LEAST_REACH, ...known.map(Math.abs)) };
}

const nameOf = (tasks: readonly string[], [one, other]: Pair) => `${tasks[one]} · ${tasks[other]}`;
/** A run trains one column, so its number says nothing. */
const shortName = (part: string) => part.replace(/^column-\d+\//, '');

const normsSpec = (comparisons: readonly Comparison[], names: readonly string[]) =>
  lineSpec({
    title: 'norm of the gradient over the trunk',
    lines: linesOf(comparisons.map(({ step, norms: values }) => ({ step, values }))),
    names,
    smooth: true,
    logarithmic: true,
  });

function overSteps(comparisons: readonly Comparison[], { tasks, pairs }: Pulls) {
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

const tasksSpec = ({ tasks, meanOf, reach }: Pulls) =>
  gridSpec({
    title: 'mean cosine over the trunk',
    rows: tasks,
    columns: tasks,
    cosines: tasks.map((_, k) => tasks.map((_, l) => meanOf(k, l))),
    reach,
  });

const partsSpec = ({ tasks, pairs, parts, byPart, reach }: Pulls) =>
  gridSpec({
    title: 'mean cosine in each block',
    rows: pairs.map((pair) => nameOf(tasks, pair)),
    columns: parts.map(shortName),
    cosines: byPart,
    reach,
  });

function extremes({ tasks, pairs, parts, byPart }: Pulls): string {
  const cells = byPart
    .flatMap((row, i) => row.map((cosine, j) => ({ cosine, pair: pairs[i]!, part: parts[j]! })))
    .flatMap(({ cosine, ...rest }) => (cosine === undefined ? [] : [{ cosine, ...rest }]))
    .sort((a, b) => a.cosine - b.cosine);
  const tell = ({ cosine, pair, part }: (typeof cells)[number]) =>
    `${nameOf(tasks, pair)} in ${shortName(part)} (${formatCosine(cosine)})`;
  const [first, last] = [cells[0]!, cells.at(-1)!];
  const apart = first.cosine < 0 ? `Most apart: ${tell(first)}.` : 'No two tasks pull apart on average in any block.';
  return `The pairs that pull apart most stand first. ${apart} Most together: ${tell(last)}.`;
}
