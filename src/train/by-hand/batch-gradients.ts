import { readVariable } from '../../network/index.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import { disposeJacobian, layOut, makeJacobian } from '../step/jacobian.ts';
import { namesTakingPart, positionsIn, type UpdatePlan } from '../step/plan.ts';
import { fillBatch } from '../update/fill.ts';
import { resultOf } from '../update/report.ts';

/** The gradient of one variable, on the host. */
export interface VariableGradient {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The losses and gradients of one batch. */
export interface BatchGradients {
  /** The mean loss of each task over its labelled examples, before its weight. A task without a label has no entry. */
  readonly losses: Readonly<Partial<Record<string, number>>>;
  /**
   * By task and by the name of the variable, the gradient of the task's loss times its weight; of each variable that the task trains.
   * Their sum over the tasks is what equal weighting updates by, before clipping.
   */
  readonly gradients: Readonly<Record<string, Readonly<Record<string, VariableGradient>>>>;
}

/** Computes the losses and each task's gradients on a batch, at the weights as they are; nothing moves. `step`: of the update. */
export async function batchGradients(plan: UpdatePlan, batch: StepBatch, step: number): Promise<BatchGradients> {
  const always = () => true;
  const jacobian = makeJacobian(layOut(plan.variables, plan.tasks, { each: always, covered: always }));
  try {
    const numbers = await fillBatch(plan, jacobian, batch, step, { still: true });
    const { losses } = resultOf(plan, batch, { ...numbers, gradientNorm: 0 });
    const gradients = Object.fromEntries(
      namesTakingPart(plan).map((name) => [name, {} as Record<string, VariableGradient>]),
    );
    const present = new Set(positionsIn(plan));
    for (const { variable, tasks, rows } of jacobian.list) {
      const { shape, size } = variable.tensor;
      const values = (await readVariable(rows)).values as Float32Array;
      for (const [row, place] of tasks.entries()) {
        if (!present.has(place)) continue;
        const gradient = values.slice(row * size, (row + 1) * size);
        gradients[plan.tasks[place]!.name]![variable.name] = { shape, values: gradient };
      }
    }
    return { losses, gradients };
  } finally {
    disposeJacobian(jacobian);
  }
}
