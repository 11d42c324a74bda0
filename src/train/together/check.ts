import type { MethodState } from '../../balance/index.ts';
import { check, count } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { NetworkVariable } from '../../network/index.ts';
import type { SamplerState } from '../../sample/index.ts';
import { show } from '../../show.ts';
import type { TrainOptions } from '../options.ts';

type TogetherOptions = Pick<
  TrainOptions,
  | 'accumulate'
  | 'cluster'
  | 'compareGradientsEvery'
  | 'compile'
  | 'evaluateEvery'
  | 'exchange'
  | 'profile'
  | 'synchronizeEvery'
>;

/**
 * Checks that a training can be made by several processes.
 * @throws BanyanError `argument` for an option with which it would be another training than in one.
 */
export function checkTogether(
  {
    accumulate = 1,
    cluster,
    compile = 'auto',
    exchange = 'float32',
    profile,
    synchronizeEvery,
    ...options
  }: TogetherOptions,
  variables: readonly Pick<NetworkVariable, 'name' | 'counts'>[],
): void {
  if (exchange !== 'float32' && exchange !== 'bfloat16')
    throw new BanyanError(
      'argument',
      `train: exchange must be 'float32' or 'bfloat16', received ${show(exchange)}. Correct it, or leave it out.`,
    );
  if (synchronizeEvery !== undefined) check('train', { synchronizeEvery }, count);
  if (cluster === undefined) return;
  if (compile === 'eager' || compile === 'xla')
    throw fault(
      `compile must be 'graph' or 'auto': the workers exchange their gradients within a graph, received '${compile}'. Leave compile out.`,
    );
  if (profile !== undefined)
    throw fault(
      `profile shows a step of one process by itself, received ${profile}. Leave it out, or profile without a cluster.`,
    );
  if (synchronizeEvery !== undefined) {
    checkMeetings(synchronizeEvery, options);
    if (exchange !== 'float32')
      throw fault(
        `exchange says in what type gradients are sent, and with synchronizeEvery weights are, expected one of the two, received '${exchange}' and ${synchronizeEvery}. Leave one out.`,
      );
    return;
  }
  const counting = variables.find(({ counts }) => counts);
  if (accumulate > 1 && counting !== undefined)
    throw fault(
      `accumulate must be 1 for what a head counts ("${counting.name}"): of a step's parts only the last is exchanged, received ${accumulate}. Leave it out.`,
    );
}

/** All that looks at the weights waits until they are the same in all workers. */
function checkMeetings(every: number, asked: Pick<TrainOptions, 'evaluateEvery' | 'compareGradientsEvery'>): void {
  for (const name of ['evaluateEvery', 'compareGradientsEvery'] as const) {
    const steps = asked[name];
    if (steps !== undefined && steps % every !== 0)
      throw fault(
        `${name} must be a multiple of synchronizeEvery ${every}: only after so many steps have all the same weights, received ${steps}. Give ${every * Math.ceil(steps / every)}, or another synchronizeEvery.`,
      );
  }
}

/**
 * Checks that what is decided from step to step would be the same in all workers, though each sees losses and gradients of its own.
 * @throws BanyanError `argument`.
 */
export function checkApart(
  sampler: Pick<SamplerState, 'observeStep'> | undefined,
  balance: { readonly name: string; readonly state: Pick<MethodState, 'state'> | undefined } | undefined,
): void {
  if (sampler?.observeStep !== undefined)
    throw fault(
      'the sampler follows the losses of each step, which with synchronizeEvery each worker has by itself: they would draw other tasks. Choose one that draws by the step, or by evaluations, or leave synchronizeEvery out.',
    );
  if (balance?.state?.state !== undefined)
    throw fault(
      `the balancing method must be one without a memory: with synchronizeEvery each worker sees losses and gradients of its own, received "${balance.name}", which remembers them. Choose another (equal, pcgrad, mgda, upgrad and others), or leave synchronizeEvery out.`,
    );
}

export const noSnapshots = (name: string) =>
  fault(
    `a source keeps older weights ("${name}"), which with synchronizeEvery would be others in each worker, and a checkpoint holds those of one. Leave synchronizeEvery out.`,
  );

/** Warns of what has no effect in one process. The same file may be trained by several elsewhere. */
export function warnOfNoOthers({
  exchange = 'float32',
  synchronizeEvery,
}: Pick<TrainOptions, 'exchange' | 'synchronizeEvery'>): void {
  const given = [
    ...(exchange === 'float32' ? [] : [`exchange '${exchange}'`]),
    ...(synchronizeEvery === undefined ? [] : [`synchronizeEvery ${synchronizeEvery}`]),
  ];
  if (given.length === 0) return;
  process.emitWarning(
    `train: ${given.join(' and ')} is for several processes, and this one trains alone: it has no effect. Expected a cluster (TF_CONFIG, or --workers). Train in several, or leave it out.`,
    'BanyanWarning',
  );
}

const fault = (what: string) => new BanyanError('argument', `train: with a cluster, ${what}`);
