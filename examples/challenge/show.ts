import type { Metrics, Network, TrainingEvent } from 'banyan-ml';

const INTERVAL = 5000;
const count = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');

/** The tasks and the network, a line each. */
export function describe(network: Network): string {
  const { stems, columns, heads, parameters } = network.summary();
  const widest = Math.max(...network.tasks.map((task) => task.name.length));
  const lines = network.tasks.map(({ name, source }) => {
    const stem = stems.find(({ tasks }) => tasks.includes(name))!;
    const weights = stem.parameters + heads.find((head) => head.name === name)!.parameters;
    const examples =
      `${Number.isFinite(source.counts.training) ? count(source.counts.training) : 'endless'} examples`.padStart(15);
    return `  ${name.padEnd(widest)}  ${stem.modality.padEnd(7)} ${examples}  ${count(weights).padStart(8)} weights of its own`;
  });
  const [{ kind, width, depth, parameters: shared }] = columns as [(typeof columns)[0]];
  const trunk = `  shared trunk: ${kind}, width ${width}, depth ${depth}, ${count(shared.own)} of all ${count(parameters)} weights`;
  return [...lines, '', trunk].join('\n');
}

let begin: number | undefined;
let shown = Number.NEGATIVE_INFINITY;
const smooth = new Map<string, number>();

/** A few held-out examples: the first metric of each task. */
function figures(metrics: Metrics): string {
  const parts = Object.entries(metrics).map(([task, values]) => {
    const [name, value] = Object.entries(values)[0]!;
    return `${task} ${name} ${name === 'accuracy' ? value.toFixed(3) : value.toFixed(1)}`;
  });
  return `held out: ${parts.join('   ')}`;
}

/** A line for the first step, then one every few seconds, one for the last, running means of the losses; and one for what is held out. */
export function progress(event: TrainingEvent): string | undefined {
  if (event.kind === 'evaluation') return `  ${' '.repeat(20)} ${figures(event.metrics)}`;
  if (event.kind !== 'step') return undefined;
  const { step, steps, losses } = event;
  for (const [task, loss] of Object.entries(losses)) {
    if (loss === undefined) continue;
    smooth.set(task, (smooth.get(task) ?? loss) + 0.1 * (loss - (smooth.get(task) ?? loss)));
  }
  const now = performance.now();
  begin ??= now;
  if (step !== steps && now - shown < INTERVAL) return undefined;
  shown = now;
  const done = Math.round((20 * step) / steps);
  const bar = '█'.repeat(done) + '░'.repeat(20 - done);
  const parts = [...smooth].map(([task, loss]) => `${task} ${loss.toFixed(2)}`);
  const left =
    step === 1 || step === steps ? '' : `   ${Math.round(((now - begin) / (step - 1) / 1000) * (steps - step))} s left`;
  return `  ${bar} ${String(step).padStart(String(steps).length)}/${steps}   loss: ${parts.join('   ')}${left}`;
}

/** What a task reached, and what would be reached without learning. */
export type Row =
  | { readonly task: string; readonly accuracy: number; readonly linear: number; readonly majority: number }
  | { readonly task: string; readonly return: number; readonly error: number; readonly random: number };

/** Below a table, once. */
export const LEGEND = `  Per cent of the test examples that are named right, of the most frequent class without learning; of the game the mean
  return of 100 episodes with its standard error, of a random player without learning. The linear model is logistic
  regression on what one would try first: pixels; of sounds each mel band's mean and deviation; of texts TF-IDF of words.`;

/** Test accuracies in per cent; of a game the mean return. Where the linear model is better, it says so. */
export function resultTable(rows: readonly Row[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const widest = Math.max(...rows.map(({ task }) => task.length));
  const line = (first: string, ...cells: string[]) =>
    `  ${first.padEnd(widest)}${cells.map((cell) => cell.padStart(18)).join('')}`;
  const loses = (row: Row) => 'linear' in row && row.accuracy < row.linear;
  const lost = rows.filter(loses);
  return [
    line('', 'this network', 'linear model', 'without learning'),
    `  ${'─'.repeat(widest + 3 * 18)}`,
    ...rows.map((row) =>
      'return' in row
        ? line(row.task, `${row.return.toFixed(1)} ± ${row.error.toFixed(1)}`, '', row.random.toFixed(1))
        : line(
            row.task,
            percent(row.accuracy),
            `${loses(row) ? '▲ ' : ''}${percent(row.linear)}`,
            percent(row.majority),
          ),
    ),
    ...(lost.length === 0
      ? []
      : ['', `  ▲ ${lost.map(({ task }) => task).join(', ')}: the network loses to the linear model.`]),
  ].join('\n');
}
