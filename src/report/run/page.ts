import type { Routing, Shown } from '../../evaluate/index.ts';
import type { Metrics, TrainingEvent } from '../../train/events.ts';
import { isNoted, noteOf, progressOf, reportHtml, TrainingLog, wireGalleries, wireRoutes } from '../../watch/index.ts';
import { formatCount, formatDuration, formatFigure } from '../format.ts';
import { metricsRows } from '../metrics.ts';
import { type Section, sectionsHtml } from '../page.ts';
import { plot } from '../plot.ts';
import { type LineChart, lineSpec } from './charts.ts';
import { gradientSections } from './gradient-conflicts.ts';
import { comparisonsOf } from './gradients.ts';
import { lossGapSections } from './loss-gap.ts';
import { eventsOf, type Line, linesOf } from './series.ts';

/** A summary says of a training that has ended, or has come so far, what its page needs. */
export interface RunSummary {
  readonly title: string;
  /** The facts say what it was: a name and a few words each. */
  readonly facts: readonly (readonly [name: string, words: string])[];
  readonly events: readonly TrainingEvent[];
  /** These metrics were measured on held-out examples, at the end. */
  readonly metrics: Metrics;
  /** The gallery shows what the network makes of some of them. */
  readonly gallery: readonly Shown[];
  /** The routing says which tasks use which experts, where there are some. */
  readonly routing?: readonly Routing[];
  /** The address of the page about its trunk, where there is one. */
  readonly trunk?: string;
}

/**
 * Makes an HTML document that tells how a training went: the page on which it could be watched, with its learning curves and displays, and
 * below what it was, how well it does, and which tasks pull apart where.
 */
export async function runPage(summary: RunSummary): Promise<string> {
  const { title, facts, events, metrics, gallery, routing = [], trunk } = summary;
  const tasks = [...new Set(eventsOf(events, 'start').flatMap((event) => event.tasks))];
  const sections: Section[] = [
    { title: 'What it was', tables: [factsTable(facts, events)] },
    ...(Object.keys(metrics).length === 0
      ? []
      : [{ title: 'How well it does in the end', text: HELD_OUT, tables: [metricsRows(metrics)] }]),
    ...(await lossGapSections(events, tasks)),
    ...happenings(events),
    ...(await updates(events, tasks)),
    ...(await gradientSections(comparisonsOf(events), tasks, eventsOf(events, 'step').length)),
    ...(trunk === undefined ? [] : [trunkSection(trunk)]),
  ];
  const log = new TrainingLog({ title });
  for (const event of events.flatMap(progressOf)) log.add(event);
  return reportHtml({
    log: log.state,
    galleries: wireGalleries(gallery, log.step),
    ...wireRoutes(routing, log.step),
    sections: sectionsHtml(sections),
  });
}

const trunkSection = (address: string): Section => ({
  title: 'What its tasks share of the trunk',
  text: 'Which labels can be read off it at each depth, whose its units are, and which training examples of one task helped or hurt another, each beside a control.',
  links: [{ text: 'The trunk', address }],
});

const HELD_OUT = 'On the test split where a task has one, else on the validation split.';

function factsTable(facts: RunSummary['facts'], events: readonly TrainingEvent[]) {
  const steps = eventsOf(events, 'step');
  const took = steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const end = eventsOf(events, 'end').at(-1);
  const ending = end?.reason === 'patience' ? ': nothing got better any more' : '';
  const measured = [
    ['steps', `${formatCount(steps.length)}${ending}`],
    ...(end?.best === undefined ? [] : [['weights', `those of step ${formatCount(end.best)}, ${bestWords(events)}`]]),
    ['took', `${formatDuration(took)}, evaluations and checkpoints apart`],
  ];
  return { columns: [{ title: '' }, { title: '' }], rows: [...facts, ...measured] };
}

/** Says by what the best weights were chosen. */
function bestWords(events: readonly TrainingEvent[]): string {
  const { metrics } = eventsOf(events, 'best').at(-1)!;
  const words = Object.entries(metrics).flatMap(([task, values]) =>
    Object.entries(values).map(([name, value]) => `${task} ${name} ${formatFigure(value)}`),
  );
  return `the best by ${words.join(', ')} on the validation split`;
}

/** Lists what happened to tasks, in its order. */
function happenings(events: readonly TrainingEvent[]): readonly Section[] {
  const rows = events.filter(isNoted).map((event) => {
    const { step, task, text } = noteOf(event);
    return [formatCount(step), task, text];
  });
  if (rows.length === 0) return [];
  const columns = [{ title: 'step', align: 'right' as const }, { title: 'task' }, { title: 'what happened' }];
  return [{ title: 'Stops, returns and overfitting', tables: [{ columns, rows }] }];
}

/** Shows how the steps were made, without the tasks' gradients. */
async function updates(events: readonly TrainingEvent[], tasks: readonly string[]): Promise<readonly Section[]> {
  const steps = eventsOf(events, 'step');
  if (steps.length === 0) return [];
  const single = (name: string, read: (event: (typeof steps)[number]) => number): readonly Line[] =>
    linesOf(steps.map((event) => ({ step: event.step, values: { [name]: read(event) } })));
  const weights = linesOf(steps.map(({ step, balance }) => ({ step, values: balance?.weights ?? {} })));
  const takingPart = linesOf(
    steps.map(({ step, drawn = tasks }) => ({
      step,
      values: Object.fromEntries(tasks.map((task) => [task, drawn.includes(task) ? 1 : 0])),
    })),
  );
  return [
    await section('Updates', 'The norm is that of the whole gradient, before clipping.', [
      {
        title: 'learning rate',
        lines: single('learning rate', ({ learningRate }) => learningRate),
        names: ['learning rate'],
      },
      {
        title: 'gradient norm',
        lines: single('gradient norm', ({ gradientNorm }) => gradientNorm),
        names: ['gradient norm'],
        smooth: true,
        logarithmic: true,
      },
    ]),
    ...(steps.every(({ drawn }) => drawn === undefined)
      ? []
      : [
          await section('Who took part', 'In which part of the steps around it each task took part.', [
            { title: 'part of the steps', lines: takingPart, names: tasks, smooth: true },
          ]),
        ]),
    ...(weights.length === 0
      ? []
      : [
          await section('Balancing', 'The factors by which the balancing method weighs the tasks.', [
            { title: 'weight', lines: weights, names: tasks, smooth: true },
          ]),
        ]),
  ];
}

async function section(title: string, text: string | undefined, charts: readonly LineChart[]): Promise<Section> {
  const drawn = charts.filter(({ lines }) => lines.length > 0);
  return {
    title,
    ...(text === undefined ? {} : { text }),
    pictures: await Promise.all(drawn.map((chart) => plot(lineSpec(chart)))),
  };
}
