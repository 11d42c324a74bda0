import type { HostTensor } from '../../runtime/index.ts';
import type { SampleOutput } from '../../task/contract.ts';
import type { NetworkBody } from '../assembly/body.ts';
import type { BuiltTask } from '../assembly/built.ts';
import { openSource } from '../assembly/open-source.ts';
import { assembleInputs } from '../batch/collate.ts';
import { collateTargets, pickTarget } from '../batch/labels.ts';
import { placesIn } from '../batch/places.ts';
import { partOf } from '../batch/portion.ts';
import { readExamples } from '../batch/read-examples.ts';
import { measuringContext } from './context.ts';
import { checkSplit, measuredSplit } from './held-out.ts';
import { decodeOutput } from './outputs.ts';
import { talliesOf } from './tally.ts';
import { inTurn } from './turns.ts';

const BATCH = 64;

/**
 * Measures a task's metrics on what another program makes of its held-out examples: the same ones that `measure` takes.
 * @param examples at most so many.
 * @param outputs gives the head's output for each sample of a batch, as the task's stems take it.
 */
export function measureOutputs(
  body: NetworkBody,
  task: BuiltTask,
  examples: number,
  outputs: (inputs: readonly HostTensor[]) => Promise<readonly SampleOutput[]>,
): Promise<Readonly<Record<string, number>>> {
  return inTurn([body, ...task.metrics], async () => {
    const { name, definition, label } = task;
    await openSource(name, definition.source);
    const split = measuredSplit(definition.source);
    checkSplit(task, split);
    const count = Math.min(definition.source.counts[split], examples);
    const place = partOf(definition.source, split, count);
    const context = measuringContext(body);
    const tally = talliesOf([task])[0]!;
    for (let start = 0; start < count; start += BATCH) {
      const indices = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => place(start + i));
      const placeOf = placesIn(split, indices);
      const read = await readExamples(name, definition.source, split, indices, context);
      const raw = read.map(({ input }) => input);
      const samples = await outputs(assembleInputs(name, task.input, raw, placeOf));
      const targets = read.map(({ target }, i) => pickTarget(definition, target, placeOf(i)));
      const { measured } = collateTargets(name, label, targets, placeOf);
      for (const [i, target] of targets.entries())
        if (measured[i] === 1) tally.update(target, decodeOutput(task, samples[i]!, placeOf(i)), placeOf(i));
    }
    return tally.result();
  });
}
