import type { Network, TrainingEvent } from 'banyan-ml';

const INTERVAL = 5000;
const count = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ' ');

/** The tasks and the network, a line each. */
export function describe(network: Network): string {
  const { stems, columns, heads, parameters } = network.summary();
  const widest = Math.max(...network.tasks.map((task) => task.name.length));
  const lines = network.tasks.map(({ name, source }) => {
    const stem = stems.find(({ tasks }) => tasks.includes(name))!;
    const own = stem.parameters + heads.find((head) => head.name === name)!.parameters;
    const examples = `${count(source.counts.training)} examples`.padStart(15);
    return `  ${name.padEnd(widest)}  ${stem.modality.padEnd(6)} ${examples}  ${count(own).padStart(8)} weights of its own`;
  });
  const [{ kind, width, depth, parameters: shared }] = columns as [(typeof columns)[0]];
  const trunk = `  shared trunk: ${kind}, width ${width}, depth ${depth}, ${count(shared.own)} of all ${count(parameters)} weights`;
  return [...lines, '', trunk].join('\n');
}

let begin: number | undefined;
let shown = Number.NEGATIVE_INFINITY;
const smooth = new Map<string, number>();

/** A line for the first step, then one every few seconds, and one for the last: running means of the losses. */
export function progress(event: TrainingEvent): string | undefined {
  if (event.kind !== 'step') return undefined;
  const { step, steps, losses } = event;
  for (const [task, loss] of Object.entries(losses)) {
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

interface Row {
  readonly task: string;
  readonly joint: number;
  readonly majority: number;
  readonly linear: number;
}

/** Test accuracies in percent. */
export function resultTable(rows: readonly Row[]): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const widest = Math.max('test accuracy'.length, ...rows.map(({ task }) => task.length));
  const line = (first: string, ...cells: string[]) =>
    `  ${first.padEnd(widest)}${cells.map((cell) => cell.padStart(18)).join('')}`;
  return [
    line('test accuracy', 'this network', 'linear model', 'most frequent'),
    `  ${'─'.repeat(widest + 3 * 18)}`,
    ...rows.map(({ task, joint, linear, majority }) => line(task, percent(joint), percent(linear), percent(majority))),
  ].join('\n');
}
