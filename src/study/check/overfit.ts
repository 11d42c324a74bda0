import { lastValueFrom, tap } from 'rxjs';
import { adamW, constantSchedule } from '../../optimise/index.ts';
import { formatFigure } from '../../report/index.ts';
import { type Metrics, train } from '../../train/index.ts';
import { buildNetwork, type Session } from '../run/session.ts';
import { bad, type Finding, good } from './finding.ts';
import { sameExamples, withSources } from './sources.ts';

const EXAMPLES = 10;
const MOST_STEPS = 300;
const EVERY = 25;
/** The share of the first loss that may be left where there is no accuracy. */
const LEFT = 0.1;

/** Tries whether a network can learn ten examples by heart: one that cannot has a fault, whatever its size. */
export async function* checkOverfit(session: Session): AsyncGenerator<Finding> {
  const tasks = withSources(session.tasks, (source) => sameExamples(source, EXAMPLES)).filter(
    // Not meant to learn.
    ({ weight }) => weight > 0,
  );
  const network = await buildNetwork(session, tasks);
  const first: Record<string, number> = {};
  let metrics: Metrics = {};
  let steps = 0;
  const learned = (name: string): boolean => {
    const { accuracy, loss } = metrics[name] ?? {};
    if (Number.isNaN(loss)) return true;
    if (accuracy !== undefined) return accuracy === 1;
    const before = first[name] ?? 0;
    // A loss may be below 0: there is no share of it that could be left.
    // What acts may have met no reward in these examples, and there is nothing to learn.
    if (loss === 0) return true;
    return loss !== undefined && (before > 0 ? loss <= LEFT * before : loss < before);
  };
  const all = () => tasks.every(({ name }) => learned(name));
  try {
    const training = train(network, {
      steps: MOST_STEPS,
      batch: EXAMPLES,
      evaluateEvery: EVERY,
      optimizer: adamW(),
      schedule: constantSchedule(),
      stop: (event) => event.kind === 'evaluation' && all(),
    });
    await lastValueFrom(
      training.pipe(
        tap((event) => {
          if (event.kind === 'step' && event.step === 1) Object.assign(first, event.losses);
          if (event.kind === 'evaluation') metrics = event.metrics;
          steps = event.step;
        }),
      ),
    );
  } finally {
    network.dispose();
  }
  for (const { name } of tasks) {
    const { accuracy, loss } = metrics[name] ?? {};
    const figures = `${accuracy === undefined ? '' : `accuracy ${formatFigure(accuracy)}, `}loss ${formatFigure(loss)}`;
    if (Number.isNaN(loss))
      yield good(name, `none of the ${EXAMPLES} training examples that were drawn has a label: not tried by heart`);
    else if (learned(name)) yield good(name, `learns ${EXAMPLES} examples by heart: ${figures} after ${steps} steps`);
    else
      yield bad(
        name,
        `cannot learn ${EXAMPLES} examples by heart: ${figures} after ${steps} steps; look at its stem, head and labels`,
      );
  }
}
