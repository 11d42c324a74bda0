import type { Experiment } from '../../experiment/schema.ts';
import { internals, type Network, type Summary } from '../../network/index.ts';
import type { MeasuredSplits } from '../../report/index.ts';
import type { Metrics, TrainingEvent } from '../../train/index.ts';
import { readEvents } from './events.ts';
import { runPaths } from './paths.ts';
import { readResult } from './result.ts';
import { findSaved } from './saved.ts';
import { buildNetwork, loadSaved, type Session } from './session.ts';

/** What there is to say of a run. */
export interface Inspection {
  readonly folder: string;
  readonly experiment: Experiment;
  readonly network: Summary;
  readonly step: number;
  /** Absent for a run that never began. */
  readonly steps?: number;
  readonly complete: boolean;
  /** The metrics of its result, else those of the last evaluation. */
  readonly metrics?: Metrics;
  /** The split of each task's metrics. */
  readonly splits?: MeasuredSplits;
}

/** Reads what a run is made of and how far it is. @throws BanyanError `checkpoint` where what was saved of it is damaged. */
export async function inspectRun(session: Session, folder: string): Promise<Inspection> {
  const network = await networkOf(session, folder);
  const summary = network.summary();
  network.dispose();
  const events = readEvents(runPaths(folder).events);
  const result = await readResult(folder);
  const steps = events.find((event) => event.kind === 'start')?.steps;
  const { metrics, splits } = result ?? validated(events);
  return {
    folder,
    experiment: session.loaded.experiment,
    network: summary,
    step: result?.steps ?? events.at(-1)?.step ?? 0,
    ...(steps === undefined ? {} : { steps }),
    complete: result !== undefined,
    ...(metrics === undefined ? {} : { metrics, splits }),
  };
}

/** A saved network is read without its tasks' data; one that was never saved has to look at it. */
async function networkOf(session: Session, folder: string): Promise<Network> {
  const saved = await findSaved(folder);
  return saved === undefined ? buildNetwork(session) : loadSaved(session, saved);
}

/** A weight of a network, by the name that maps and patterns match. */
export interface WeightInspection {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether training changes it: not in earlier columns, and not where it is a statistic. */
  readonly trained: boolean;
}

/** Lists the weights of a run's network. @throws BanyanError `checkpoint` as `inspectRun`. */
export async function inspectWeights(session: Session, folder: string): Promise<readonly WeightInspection[]> {
  const network = await networkOf(session, folder);
  const { body } = internals(network);
  const trainable = new Set(body.trainable.filter((variable) => variable.trainable));
  const weights = body.store.all().map((variable) => {
    const { name, tensor } = variable;
    return { name, shape: tensor.shape, trained: trainable.has(variable) };
  });
  network.dispose();
  return weights;
}

/** Takes the metrics of the last evaluation of a training; each is on the validation split. */
function validated(events: readonly TrainingEvent[]): Pick<Inspection, 'metrics' | 'splits'> {
  const metrics = events.findLast((event) => event.kind === 'evaluation')?.metrics;
  if (metrics === undefined) return {};
  return { metrics, splits: Object.fromEntries(Object.keys(metrics).map((task) => [task, 'validation'])) };
}
