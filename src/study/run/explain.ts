import { readFileSync } from 'node:fs';
import { BanyanError } from '../../error.ts';
import { evaluate } from '../../evaluate/index.ts';
import { writeWhole } from '../../files/durable.ts';
import { fileError } from '../../files/file-error.ts';
import { internals, type Network } from '../../network/index.ts';
import type { Json, Knowledge } from '../../task/contract.ts';
import type { Metrics } from '../../train/index.ts';

/** How a run is explained. */
export interface ExplainOptions {
  /** Default: all tasks whose heads a person can read. */
  readonly task?: string;
  /** Writes what the task has learned into this file, as a list of rules. */
  readonly write?: string;
  /** Reads rules from this file, in the place of what was learned, and measures the task with them. */
  readonly use?: string;
}

/** What there is to read of a task. */
export interface TaskExplanation {
  readonly task: string;
  readonly sentences: readonly string[];
  /** The task's metrics with rules that were read from a file. */
  readonly metrics?: Metrics[string];
}

/**
 * Says what the heads of a network have learned that a person can read, and puts edited rules in their place; the run itself is left as it was.
 * @throws BanyanError `argument` for a task without such a head, for several where a file is named, and for a file that cannot be read.
 */
export async function explainRun(network: Network, options: ExplainOptions = {}): Promise<readonly TaskExplanation[]> {
  const { task, write, use } = options;
  const readable = readableTasks(network, task);
  if ((write !== undefined || use !== undefined) && readable.length > 1) {
    throw new BanyanError(
      'argument',
      `explain: a file holds the rules of one task, and there are those of ${readable.map(([name]) => name).join(', ')}. Name one by --task.`,
    );
  }
  const explanations: TaskExplanation[] = [];
  for (const [name, knowledge] of readable) {
    if (use !== undefined) knowledge.write(readList(use));
    if (write !== undefined) writeList(write, knowledge.read());
    const sentences = knowledge.describe();
    const metrics = use === undefined ? undefined : (await evaluate(network, { tasks: [name] }))[name];
    explanations.push({ task: name, sentences, ...(metrics === undefined ? {} : { metrics }) });
  }
  return explanations;
}

function readableTasks(network: Network, wanted: string | undefined): readonly (readonly [string, Knowledge])[] {
  const { body } = internals(network);
  const tasks = wanted === undefined ? body.tasks : [body.task(wanted)];
  const readable = tasks.flatMap(({ name, head: { knowledge } }) =>
    knowledge === undefined ? [] : [[name, knowledge] as const],
  );
  if (readable.length > 0) return readable;
  throw new BanyanError(
    'argument',
    `explain: ${wanted === undefined ? 'no task of this network has a head' : `the head of task "${wanted}" is none`} that a person can read, expected one such as rules. Name a run with one, or files whose predictions are to be explained.`,
  );
}

function readList(path: string): Json {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Json;
  } catch (error) {
    throw new BanyanError(
      'argument',
      `explain: the rules in ${path} cannot be read: ${(error as Error).message}. Expected a JSON list, as --write makes it. Correct the file.`,
      { cause: error },
    );
  }
}

/** Writes a rule a line, so that a person finds it, and a difference shows. */
function writeList(path: string, rules: Json): void {
  const lines = (Array.isArray(rules) ? rules : [rules]).map((rule) => JSON.stringify(rule));
  try {
    writeWhole(path, `[\n${lines.join(',\n')}\n]\n`);
  } catch (error) {
    throw fileError('argument', path, 'written', error);
  }
}
