import { checkOptions } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { assertTaskNames } from '../../nearest.ts';
import type { BuiltTask } from '../../network/index.ts';
import type { Json } from '../../task/contract.ts';
import type { TrainOptions } from '../options.ts';
import type { PatienceOptions } from './options.ts';
import type { PatienceRule } from './patience.ts';
import { bestSchema, stopSchema } from './schema.ts';
import { type Yardstick, yardstickOf } from './yardstick.ts';

/** The part of its best by which a stopped task's metric may move away, where nothing else is said. */
const DRIFT = 0.1;

/** Each task stops by itself. */
export interface TaskRule extends PatienceRule {
  /** One for each task, by its name. */
  readonly yardsticks: ReadonlyMap<string, Yardstick>;
  /** The part of its best by which a stopped task's metric may move away. */
  readonly drift: number;
  /** Whether a task that has moved further away comes back. */
  readonly returns: boolean;
}

/** The training stops as a whole by one task. */
export interface WholeRule extends PatienceRule {
  readonly yardstick: Yardstick;
}

/** What follows from the evaluations of a training. */
export interface EvaluationRules {
  /** The names of all tasks of the training, in their order. */
  readonly tasks: readonly string[];
  /** By what the best weights are chosen; absent: none are. */
  readonly best?: readonly Yardstick[];
  readonly perTask?: TaskRule;
  readonly whole?: WholeRule;
}

/** The options that make rules. */
export type RuleOptions = Pick<TrainOptions, 'stop' | 'best' | 'evaluateEvery' | 'evaluateExamples'>;
/** What hears of evaluations beside rules. */
type Followers = Pick<TrainOptions, 'schedule' | 'sampler'>;
type JudgedTask = Pick<BuiltTask, 'name' | 'metrics'>;

/**
 * Checks `stop` and `best`, and says what they mean for these tasks; undefined where nothing is evaluated.
 * @throws BanyanError `argument` that names the first thing that cannot be.
 */
export function evaluationRules(options: RuleOptions, tasks: readonly JudgedTask[]): EvaluationRules | undefined {
  const { evaluateEvery } = options;
  const asked = { stop: ruleOf(options.stop), best: options.best };
  for (const [name, option] of Object.entries(asked))
    if (option !== undefined && evaluateEvery === undefined) throw unevaluated(name);
  if (evaluateEvery === undefined) return undefined;
  const stop = asked.stop && checkOptions('train: stop', stopSchema, asked.stop);
  const best = asked.best && checkOptions('train: best', bestSchema, asked.best);
  const names = tasks.map(({ name }) => name);
  const taskOf = (option: string, name: string) => {
    assertTaskNames(`train: ${option}`, [name], names);
    return tasks.find((task) => task.name === name)!;
  };
  return {
    tasks: names,
    ...(best && {
      best: (best.task === undefined ? tasks : [taskOf('best.task', best.task)]).map((task) =>
        yardstickOf(task, 'best.metric', best.metric),
      ),
    }),
    ...(stop?.perTask && { perTask: taskRule(stop.perTask, tasks) }),
    ...(stop?.task !== undefined && {
      whole: {
        ...patienceRule({ ...stop, patience: stop.patience! }),
        yardstick: yardstickOf(taskOf('stop.task', stop.task), 'stop.metric', stop.metric),
      },
    }),
  };
}

/** The rule among the two forms of `stop`. */
const ruleOf = (stop: TrainOptions['stop']) => (typeof stop === 'function' ? undefined : stop);

/** The options that decide bits by what evaluations show, as a checkpoint compares them; none where nothing hears of evaluations. */
export function settingsOfRules({
  stop,
  best,
  evaluateEvery,
  evaluateExamples,
  schedule,
  sampler,
}: RuleOptions & Followers): Readonly<Record<string, Json>> {
  const rule = ruleOf(stop);
  const isJudged = rule !== undefined || best !== undefined;
  const isFollowed = schedule?.follow !== undefined || sampler?.followsEvaluations === true;
  if (!isJudged && !isFollowed) return {};
  const settings = {
    ...(isJudged && { stop: rule ?? null, best: best ?? null }),
    evaluateEvery,
    evaluateExamples: evaluateExamples ?? null,
  };
  return settings as unknown as Readonly<Record<string, Json>>;
}

function taskRule(
  { drift = DRIFT, return: returns = false, ...options }: PatienceOptions & { drift?: number; return?: boolean },
  tasks: readonly JudgedTask[],
): TaskRule {
  const yardsticks = tasks.map(
    (task) => [task.name, yardstickOf(task, 'stop.perTask.metric', options.metric)] as const,
  );
  return { ...patienceRule(options), yardsticks: new Map(yardsticks), drift, returns };
}

const patienceRule = ({ patience, minDelta = 0, from = 0 }: PatienceOptions): PatienceRule => ({
  patience,
  minDelta,
  from,
});

const unevaluated = (option: string) =>
  new BanyanError(
    'argument',
    `train: ${option} judges what evaluations on the validation split show, and evaluateEvery is missing, expected the steps between two of them. Add evaluateEvery.`,
  );
