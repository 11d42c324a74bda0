// What is told of tasks with few labels, or none.
import { arraySource } from 'banyan-ml/data';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import {
  type AnyTask,
  constantSchedule,
  createNetwork,
  denseTrunk,
  type Network,
  sgd,
  train,
} from '../../../src/index.ts';
import { eventLine } from '../../../src/report/jsonl.ts';
import { LabelWatch } from '../../../src/train/reading/unlabelled.ts';
import { numbersTask } from '../../fixtures.ts';

/** Forty examples; one in `every` has a label, always 5. */
function task(every: number): AnyTask {
  const inputs = Array.from({ length: 50 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(7 * i), 1]);
  const targets = inputs.map((_, i) => (i % every === 0 ? 5 : Number.NaN));
  return { ...numbersTask('t'), source: arraySource({ inputs, targets, validation: 0.2 }) } as AnyTask;
}

async function trained(every: number, steps: number) {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const network: Network = await createNetwork({ trunk: denseTrunk({ width: 8, depth: 1 }), tasks: [task(every)] });
  try {
    const options = { steps, batch: 4, optimizer: sgd({ learningRate: 0 }), schedule: constantSchedule() };
    const events = await lastValueFrom(train(network, options).pipe(toArray()));
    const warnings = warn.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('has a label'));
    return { steps: events.filter((event) => event.kind === 'step'), warnings };
  } finally {
    warn.mockRestore();
    network.dispose();
  }
}

describe('a step without a label', () => {
  it('has no loss, and tells how many examples had one', async () => {
    const { steps, warnings } = await trained(10, 20);
    const [without, with_] = [true, false].map((none) => steps.filter(({ labelled }) => (labelled.t === 0) === none));
    expect(without!.length).toBeGreaterThan(0);
    for (const step of without!) {
      expect(step.losses).toEqual({});
      expect(JSON.parse(eventLine(step))).toMatchObject({ losses: {}, labelled: { t: 0 } });
    }
    for (const { losses } of with_!) expect(losses.t).toBeGreaterThan(10);
    expect(warnings).toEqual([]);
  });

  it('is told of once, where a whole pass brings none', async () => {
    const { steps, warnings } = await trained(0, 25);
    expect(steps.every(({ labelled }) => labelled.t === 0)).toBe(true);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^Task "t": none of its 40 training examples has a label/);
  });
});

describe('a watch over labels', () => {
  const seen = (batches: readonly (readonly number[])[], position = 0) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const watch = new LabelWatch();
    for (const labelled of batches) {
      watch.see('t', Float32Array.from(labelled), position, 5);
      position += labelled.length;
    }
    const calls = warn.mock.calls.length;
    const text = warn.mock.calls[0]?.[0];
    warn.mockRestore();
    return { calls, text };
  };
  const none = [0, 0];

  it('warns once after a whole pass without one', () => {
    expect(seen([none, none]).calls).toBe(0);
    expect(seen([none, none, none, none, none, none])).toEqual({
      calls: 1,
      text: 'Task "t": none of its 5 training examples has a label, expected some: nothing is learned for it. Look at its source\'s targets, the task\'s `target`, and what its head takes for a missing label.',
    });
  });

  it('counts whole passes alone: a label may come twice within, and not between', () => {
    expect(seen([[0, 1], none, none, none, [0, 1], none]).calls).toBe(0);
    // Begins in the middle of a pass.
    expect(seen([none, none, none], 2).calls).toBe(0);
    expect(seen([none, none, none, none], 2).calls).toBe(1);
  });
});
