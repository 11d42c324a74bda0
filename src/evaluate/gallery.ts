import { check, wholeNumber } from '../check.ts';
import {
  type AnyNetwork,
  type BuiltTask,
  checkPart,
  collateTargets,
  decodeOutput,
  type InputPart,
  internals,
  measuringContext,
  type NetworkBody,
  openSource,
  outputsOf,
  pickInput,
  pickTarget,
  placesIn,
  readExamples,
} from '../network/index.ts';
import { permute } from '../random/index.ts';
import type { CompileMode } from '../runtime/index.ts';
import { blaming } from '../task/blame.ts';
import type { Display, Explanation } from '../task/display.ts';

const EXAMPLES = 4;

/** Options of `gallery`. */
export interface GalleryOptions {
  /** The names of the tasks to show. Default: all. */
  readonly tasks?: readonly string[];
  /** How many held-out examples of each task are shown; a task that acts is shown once. Default 4. */
  readonly examples?: number;
  /** Which examples: another round shows the next ones, and after the last comes the first again. Default 0. */
  readonly round?: number;
  /** Default `auto`. */
  readonly compile?: CompileMode;
}

/** One example of a task as a person can be shown it, and what the network says about it. */
export interface Shown extends Partial<Explanation> {
  readonly task: string;
  readonly display: Display;
  /** How acting ended, in place of a prediction. */
  readonly words?: string;
}

/**
 * Returns what there is to see and to hear of a network's tasks: held-out examples (of the validation split, where there is none of the
 * test split, in a fixed mixed order) with its predictions, and what tasks that act look like. Tasks without anything to show are left
 * out. While the network is trained, it waits for the moment between two updates, and changes nothing.
 * @throws BanyanError `argument` for an unknown task, a number of examples or of a round that is none.
 */
export async function gallery(network: AnyNetwork, options: GalleryOptions = {}): Promise<readonly Shown[]> {
  const { body, lease } = internals(network);
  return lease.betweenUpdates(() => showTasks(body, options));
}

/** Does what `gallery` does, at once: for a caller that has waited for the moment between two updates. */
export async function showTasks(body: NetworkBody, options: GalleryOptions): Promise<readonly Shown[]> {
  const { examples = EXAMPLES, round = 0 } = options;
  checkPart('gallery: examples', examples);
  check('gallery', { round }, wholeNumber(0));
  const names = options.tasks ?? body.boundTasks.map(({ name }) => name);
  const shown: Shown[] = [];
  for (const task of names.map((name) => body.task(name))) shown.push(...(await showTask(body, task, options)));
  return shown;
}

async function showTask(body: NetworkBody, built: BuiltTask, options: GalleryOptions): Promise<readonly Shown[]> {
  const { name, definition, head } = built;
  const { source } = definition;
  const { examples = EXAMPLES, round = 0, compile = 'auto' } = options;
  const context = measuringContext(body, compile);
  await openSource(name, source);
  if (source.demonstrate !== undefined) {
    const work = () => source.demonstrate!(round, context);
    return [{ task: name, ...(await blaming(`The source of task "${name}": demonstrate()`, 'a demonstration', work)) }];
  }
  const split = source.counts.validation > 0 ? 'validation' : 'test';
  const count = source.counts[split];
  const shown = built.input.parts.filter(({ stem }) => stem.implementation.display !== undefined);
  // Whole episodes are played for a held-out example of one in lock-step, to show no more than how they end.
  if (shown.length === 0 || !(count > 0 && Number.isFinite(count)) || source.lockStep === true) return [];
  const numbers = Array.from({ length: Math.min(examples, count) }, (_, i) => (round * examples + i) % count);
  const indices = numbers.map((number) => permute(number, count, 0, 0));
  const read = await readExamples(name, source, split, indices, context);
  const inputs = read.map(({ input }) => input);
  const placeOf = placesIn(split, indices);
  const targets = read.map(({ target }, i) => pickTarget(definition, target, placeOf(i)));
  const { measured } = collateTargets(name, built.label, targets, placeOf);
  const outputs = await outputsOf(body, built, inputs, { compile, placeOf });
  return inputs.map((input, i) => ({
    task: name,
    display: shown.flatMap((part) => displayOf(built, part, input, placeOf(i))),
    ...blaming(`${built.scope}: explain() of ${placeOf(i)}`, 'words', () =>
      head.explain?.(decodeOutput(built, outputs[i]!, placeOf(i)), measured[i] === 1 ? targets[i] : undefined),
    ),
  }));
}

/** What there is to see of one part of an example's input. */
function displayOf({ name, input }: BuiltTask, part: InputPart, raw: unknown, place: string): Display {
  const { scope, implementation } = part.stem;
  const picked = pickInput(name, input, part, raw, place);
  return blaming(`${scope}: display() of ${place}`, 'a display', () => implementation.display!(picked));
}
