import { isDeepStrictEqual } from 'node:util';
import { BanyanError } from '../../error.ts';
import {
  attribute,
  compareTrunks,
  type ExplainedExample,
  probeTrunk,
  SHOWN,
  type TracedCheckpoint,
  type TrunkExplanation,
  trainingInfluence,
  unitShares,
} from '../../explain/index.ts';
import {
  type BuiltTask,
  internals,
  type LabelledExample,
  labelledExamples,
  type Network,
  passesOf,
  pickInput,
} from '../../network/index.ts';
import { blaming } from '../../task/blame.ts';
import type { Display } from '../../task/display.ts';
import { probedLabels } from './probed-labels.ts';

/** So many held-out examples of each task are read off, and compared. */
const READ = 256;
/** So many training examples of each task are traced. */
const TRACED = 96;

/** A network and how a page calls it. */
export interface NamedNetwork {
  readonly name: string;
  readonly network: Network;
}

export interface TrunkSubject {
  readonly network: Network;
  /** The same network with random weights. */
  readonly untrained: Network;
  /** What it is compared with, that among them. */
  readonly others: readonly NamedNetwork[];
  /** The same network as it was in training. */
  readonly checkpoints: readonly TracedCheckpoint[];
  readonly onProgress: (what: string) => void;
}

/** A task with some of its held-out examples. */
interface ReadTask {
  readonly built: BuiltTask;
  readonly examples: readonly LabelledExample[];
}

/** Finds what there is to say of a network's last column, and what its tasks share of it. */
export async function trunkFindings(subject: TrunkSubject): Promise<TrunkExplanation> {
  const { network, onProgress } = subject;
  const { body } = internals(network);
  const notes: string[] = [];
  const tasks: ReadTask[] = [];
  for (const built of body.columns.at(-1)!.tasks) {
    onProgress(`reading ${built.name}`);
    const examples = await unlessRefused(labelledExamples(body, built, 'held-out', READ), notes);
    if (examples !== undefined) tasks.push({ built, examples });
  }
  const names = tasks.map(({ built }) => built.name);
  onProgress('whose the units are');
  const units = names.length < 2 ? undefined : await unitShares(network, { tasks: names });
  return {
    probes: await probesOf(subject, tasks, notes),
    similarities: await similaritiesOf(subject, tasks),
    ...(units === undefined ? {} : { units: { tasks: names, blocks: units } }),
    maps: await mapsOf(subject, tasks, notes),
    influences: await influencesOf(subject, tasks, notes),
    notes,
  };
}

/** Waits for something that may not be there for a task, which is then noted. */
async function unlessRefused<T>(work: Promise<T>, notes: string[]): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (!(error instanceof BanyanError)) throw error;
    notes.push(error.message);
    return undefined;
  });
}

/** The task by which another network takes the examples of one of ours: that of its name, else one that reads the same here. */
function wayInto(other: Network, { body }: { body: { readonly tasks: readonly BuiltTask[] } }, built: BuiltTask) {
  const there = new Set(internals(other).body.tasks.map(({ name }) => name));
  const same = body.tasks.filter(
    ({ definition, input }) => definition.source === built.definition.source && input === built.input,
  );
  return [built, ...same].map(({ name }) => name).find((name) => there.has(name));
}

async function probesOf({ network, others, onProgress }: TrunkSubject, tasks: readonly ReadTask[], notes: string[]) {
  const probes: TrunkExplanation['probes'][number][] = [];
  for (const { built, examples } of tasks) {
    const classes = probedLabels(built, examples);
    if (classes === undefined) {
      notes.push(`${built.name} is told by comparing examples and has no labels that a probe could read.`);
      continue;
    }
    onProgress(`reading ${built.name} off the trunk`);
    const inputs = examples.map(({ input }) => input);
    const trunks: { name: string; depths: Awaited<ReturnType<typeof probeTrunk>> }[] = [];
    for (const { name, network: other } of [{ name: 'this run', network }, ...others]) {
      const task = wayInto(other, internals(network), built);
      if (task === undefined) continue;
      const by = task === built.name ? name : `${name}, by ${task}`;
      trunks.push({ name: by, depths: await probeTrunk({ network: other, task }, { inputs, labels: classes.labels }) });
    }
    probes.push({ task: built.name, labels: classes.what, trunks });
  }
  return probes;
}

async function similaritiesOf({ network, others, onProgress }: TrunkSubject, tasks: readonly ReadTask[]) {
  const similarities: TrunkExplanation['similarities'][number][] = [];
  for (const { built, examples } of tasks) {
    onProgress(`comparing trunks by ${built.name}`);
    const inputs = examples.map(({ input }) => input);
    for (const { name, network: other } of others) {
      const task = wayInto(other, internals(network), built);
      if (task === undefined) continue;
      const compared = await compareTrunks({ network, task: built.name }, { network: other, task }, { inputs });
      // Tasks that go the same way through both trunks are told once.
      const same = similarities.findIndex(
        (each) => each.second === name && isDeepStrictEqual(each.similarity, compared.similarity),
      );
      const tasksOf = same < 0 ? built.name : `${similarities[same]!.task}, ${built.name}`;
      similarities.splice(same < 0 ? similarities.length : same, 1, {
        task: tasksOf,
        first: 'this run',
        second: name,
        ...compared,
      });
    }
  }
  return similarities;
}

/** One example for all tasks that read the same. */
async function mapsOf({ network, onProgress }: TrunkSubject, tasks: readonly ReadTask[], notes: string[]) {
  const maps: ExplainedExample[] = [];
  for (const { places, tasks: together } of passesOf(tasks.map(({ built }) => built))) {
    const [{ input, place }] = tasks[places[0]!]!.examples as [LabelledExample];
    onProgress(`explaining ${together.map(({ name }) => name).join(', ')}`);
    const attributions = [];
    for (const { name } of together) {
      const found = await unlessRefused(attribute(network, { task: name, inputs: [input] }), notes);
      attributions.push(...(found ?? []));
    }
    if (attributions.length > 0) maps.push({ name: place, attributions });
  }
  return maps;
}

async function influencesOf(
  { network, untrained, checkpoints, onProgress }: TrunkSubject,
  tasks: readonly ReadTask[],
  notes: string[],
) {
  const influences: TrunkExplanation['influences'][number][] = [];
  const { body } = internals(network);
  for (const { built, examples } of tasks) {
    const [example] = examples as [LabelledExample];
    for (const { built: trained } of tasks) {
      onProgress(`tracing what ${trained.name} did to ${built.name}`);
      const asked = { of: trained.name, on: built.name, example, examples: TRACED, untrained };
      const found = await unlessRefused(trainingInfluence(checkpoints, asked), notes);
      if (found === undefined) continue;
      const shown = [...found.examples.slice(0, SHOWN), ...found.examples.slice(-SHOWN)];
      const displays = shown.map(({ name, input, target }) => {
        const display = displayOf(body.task(trained.name), input);
        return [name, { label: labelText(trained, target), ...(display === undefined ? {} : { display }) }] as const;
      });
      const display = displayOf(built, example.input);
      influences.push({
        ...found,
        example: `${example.place} (${labelText(built, example.target)})`,
        ...(display === undefined ? {} : { display }),
        displays: Object.fromEntries(displays),
      });
    }
  }
  return influences;
}

/** What a person is shown of an example: that of its first input. */
function displayOf(task: BuiltTask, raw: unknown): Display | undefined {
  const [part] = task.input.parts;
  const input = pickInput(task.name, task.input, part!, raw, 'an example');
  const { implementation, scope } = part!.stem;
  return blaming(`${scope}: display()`, 'a display, or nothing', () => implementation.display?.(input));
}

const LONGEST = 40;

/** A label in a few words: a class by its name, labels of words one after the other. */
function labelText({ head }: BuiltTask, target: unknown): string {
  const name = typeof target === 'number' ? head.outcomes?.names[target] : undefined;
  const words = Array.isArray(target) && target.every((each) => typeof each === 'string') ? target.join(' ') : target;
  const text = name ?? (typeof words === 'string' ? words : JSON.stringify(words)) ?? '';
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
