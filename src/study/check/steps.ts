import { lastValueFrom, toArray } from 'rxjs';
import { evaluate } from '../../evaluate/index.ts';
import { words } from '../../experiment/words.ts';
import {
  type BuiltTask,
  collateTargets,
  internals,
  measuringContext,
  type Network,
  pickTarget,
  placesIn,
  readExamples,
  scopesOf,
  stemScopes,
} from '../../network/index.ts';
import { adamW, constantSchedule } from '../../optimise/index.ts';
import { formatFigure, formatPace } from '../../report/index.ts';
import { headScope } from '../../scope.ts';
import { type StepEvent, train } from '../../train/index.ts';
import { buildNetwork, type Session } from '../run/session.ts';
import { bad, type Finding, good } from './finding.ts';
import { shortEvaluation, withSources } from './sources.ts';

const STEPS = 4;
/** Examples that are read at once to look for a label. */
const READ = 256;
/**
 * How far the first loss may lie from that of a network which knows nothing, in nats. Small first logits cost a few
 * hundredths; a wrong number of classes, or numbers that nobody scaled, cost much more.
 */
const TOLERANCE = 0.5;

/** Reads the weights of each scope (a stem, a block, a head), as one text each to compare. */
function weightsByScope(network: Network): Map<string, string> {
  const scopes = new Map<string, string>();
  for (const { scope, tensor, trainable } of internals(network).body.store.all()) {
    if (trainable) scopes.set(scope, `${scopes.get(scope) ?? ''}${tensor.dataSync().join()};`);
  }
  return scopes;
}

/** Whether no head reads what comes out of a stem or block: it takes features alone, or reads the trunk before it. */
function isUnread(scope: string, tasks: readonly BuiltTask[]): boolean {
  const block = /^column-\d+\/block-(\d+)$/.exec(scope)?.[1];
  const readsFrom = ({ head, at, input }: BuiltTask): boolean => {
    if (scope.startsWith('head/')) return true;
    if (head.readsTokens === false) return false;
    if (block !== undefined) return at === undefined || at > Number(block);
    return !scope.startsWith('stem/') || scopesOf(input).includes(scope);
  };
  return !tasks.some(readsFrom);
}

/** Makes a few steps at the experiment's batch and says what came of them: first losses, whether every part learns, evaluation, time and memory. */
export async function* checkSteps(session: Session): AsyncGenerator<Finding> {
  const { batch, balance } = session.loaded.experiment.training;
  const most = typeof batch === 'number' ? batch : Math.max(...Object.values(batch));
  const tasks = withSources(session.tasks, (source) => shortEvaluation(source, most));
  const network = await buildNetwork(session, tasks);
  try {
    const before = weightsByScope(network);
    const events = await lastValueFrom(
      train(network, { steps: STEPS, batch, balance, optimizer: adamW(), schedule: constantSchedule() }).pipe(
        toArray(),
      ),
    );
    const steps = events.filter((event): event is StepEvent => event.kind === 'step');
    for (const { name } of tasks) {
      const [first] = steps.flatMap(({ losses }) => losses[name] ?? []);
      yield first === undefined ? await withoutLabel(network, name) : firstLoss(network, name, first);
    }

    const after = weightsByScope(network);
    const still = [...before].filter(([scope, weights]) => after.get(scope) === weights).map(([scope]) => scope);
    // What has no weight in the objective, or no learning rate, is not meant to learn.
    const unweighed = (name: string) =>
      steps.every(({ balance, losses }) => losses[name] === undefined || balance?.weights[name] === 0);
    const silent = tasks.filter(
      ({ name, weight, learningRate }) => weight === 0 || learningRate === 0 || unweighed(name),
    );
    const { tasks: built } = internals(network).body;
    const stuck = still.filter(
      (scope) =>
        !silent.some((task) => [...stemScopes(task), headScope(task.name)].includes(scope)) && !isUnread(scope, built),
    );
    yield stuck.length === 0
      ? good('backward', 'every stem, block and head gets a gradient')
      : bad('backward', `no weight of ${stuck.join(', ')} moved in ${STEPS} steps: no gradient arrives there`);

    const held = tasks.filter(({ source: { counts } }) => counts.test > 0 || counts.validation > 0);
    const metrics = await evaluate(network, { tasks: held.map(({ name }) => name) });
    for (const [name, measured] of Object.entries(metrics)) {
      const figures = Object.entries(measured).map(([metric, value]) => `${metric} ${formatFigure(value)}`);
      yield good(name, `evaluates: ${figures.join(', ')}`);
    }
    // The first step also warms caches up.
    const times = steps.slice(1).map(({ milliseconds }) => milliseconds);
    const pace = times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
    const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
    yield good(
      'cost',
      `${formatPace(pace)} a step of ${typeof batch === 'number' ? `${batch} examples a task` : `${words(batch)} examples`}; the process holds ${megabytes} MiB at most`,
    );
  } finally {
    network.dispose();
  }
}

/** Says of a task without a label in the first steps whether it has any: none at all is a fault, unless its examples have no end. */
async function withoutLabel(network: Network, name: string): Promise<Finding> {
  const { definition, label } = internals(network).body.task(name);
  const { source } = definition;
  const { training: count } = source.counts;
  const rare = good(name, `no label in ${STEPS} steps, so no first loss: its labels are rare`);
  if (!Number.isFinite(count) || source.lockStep || source.state !== undefined) return rare;
  for (let start = 0; start < count; start += READ) {
    const indices = Array.from({ length: Math.min(READ, count - start) }, (_, i) => start + i);
    const examples = await readExamples(name, source, 'training', indices, measuringContext(internals(network).body));
    const place = placesIn('training', indices);
    const targets = examples.map(({ target }, i) => pickTarget(definition, target, place(i)));
    if (collateTargets(name, label, targets, place).labelled.some((weight) => weight !== 0)) return rare;
  }
  return bad(
    name,
    `none of its ${count} training examples has a label: nothing can be learned; look at its source's targets and at the task's target`,
  );
}

function firstLoss(network: Network, name: string, loss: number): Finding {
  const { initialLoss } = internals(network).body.task(name).head;
  const seen = `first loss ${formatFigure(loss)}`;
  if (!Number.isFinite(loss))
    return bad(name, `${seen}: expected a finite number; look at the head's loss and the stem's numbers`);
  if (initialLoss === undefined) return good(name, seen);
  const expected = `expected ${formatFigure(initialLoss)} ± ${TOLERANCE} from a network that knows nothing`;
  if (Math.abs(loss - initialLoss) <= TOLERANCE) return good(name, `${seen}, ${expected}`);
  return bad(name, `${seen}, ${expected}; look at the scale of the stem's numbers and of the head's first weights`);
}
