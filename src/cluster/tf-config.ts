import { z } from 'zod';
import { BanyanError } from '../error.ts';

/** The processes that train one network together, each with its share of every batch. */
export interface ClusterOptions {
  /** The addresses of all processes, `host:port`; the first is the chief's, which writes and measures for all. The same list everywhere. */
  readonly workers: readonly string[];
  /** Which of them this process is, from 0. */
  readonly index: number;
  /** The seconds to wait until all have come, > 0. Default: 600. */
  readonly joinSeconds?: number;
}

const addresses = z.array(z.string()).optional();
// The clusters of TensorFlow's own programs say more than is needed here.
const schema = z.looseObject({
  cluster: z.looseObject({ chief: addresses, worker: addresses, ps: addresses, evaluator: addresses }),
  task: z.looseObject({ type: z.enum(['chief', 'worker']), index: z.int().min(0) }),
});

/**
 * Reads the cluster that the environment variable TF_CONFIG names, as TensorFlow's own programs and what starts them (Kubeflow's training
 * operator, Vertex AI, scripts for Slurm) set it. Undefined where it is not set, or names one process.
 * @throws BanyanError `argument` for a text that names no cluster of `chief` and `worker`, or a task that is none of them.
 */
export function clusterFromEnvironment(text: string | undefined = process.env.TF_CONFIG): ClusterOptions | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const { cluster, task } = parsed(text);
  const { chief = [], worker = [], ps = [] } = cluster;
  if (ps.length > 0) throw wrong(text, 'a parameter server ("ps")', 'workers alone: they hold all weights themselves');
  const workers = [...chief, ...worker];
  const index = task.type === 'chief' ? task.index : chief.length + task.index;
  const own = task.type === 'chief' ? chief : worker;
  if (task.index >= own.length)
    throw wrong(text, `the task ${task.type} ${task.index}`, `one of the ${own.length} of that type`);
  return workers.length === 1 ? undefined : { workers, index };
}

function parsed(text: string): z.infer<typeof schema> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw wrong(text, (cause as Error).message, 'JSON', cause);
  }
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const what = `at "${path.join('.')}": ${message}`;
  throw wrong(
    text,
    what,
    'a "cluster" of "chief" and "worker", each a list of addresses, and a "task" with "type" and "index"',
  );
}

const wrong = (text: string, received: string, expected: string, cause?: unknown) =>
  new BanyanError(
    'argument',
    `TF_CONFIG is ${text}: received ${received}, expected ${expected}. Correct the variable, or unset it to train in one process.`,
    { cause },
  );
