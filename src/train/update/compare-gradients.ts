import { isTrunk } from '../../scope.ts';
import type { GradientReport } from '../events.ts';
import type { StepBatch } from '../reading/step-batch.ts';
import { disposeJacobian, type Jacobian, layOut, makeJacobian, rowsOf } from '../step/jacobian.ts';
import { blockProducts } from '../step/jacobian-math.ts';
import { namesOf, type UpdatePlan } from '../step/plan.ts';
import { fillBatch } from './fill.ts';
import { comparisonOf, squareOf } from './report.ts';
import { run } from './run.ts';

/** Compares the tasks' gradients over the column beside the updates, for a strategy that keeps none. */
export class GradientComparison {
  readonly #gradients: Jacobian;

  /** @throws BanyanError `runtime` where the gradients would not fit into memory. */
  constructor(plan: UpdatePlan) {
    const column = plan.variables.filter(({ scope }) => isTrunk(scope));
    const always = () => true;
    this.#gradients = makeJacobian(layOut(column, plan.tasks, { each: always, covered: always }));
  }

  /** Compares the gradients on a batch at the weights as they are; nothing moves. @throws as `UpdateStrategy.update`. */
  async compare(plan: UpdatePlan, batch: StepBatch, step: number): Promise<GradientReport> {
    await fillBatch(plan, this.#gradients, batch, step, { still: true });
    return compareRows(plan, this.#gradients);
  }

  dispose(): void {
    disposeJacobian(this.#gradients);
  }
}

/** Compares gradients that stand in rows. A number that is not finite stays one. */
export async function compareRows(plan: UpdatePlan, gradients: Jacobian): Promise<GradientReport> {
  const names = namesOf(plan);
  const results = await run(plan, {
    kind: 'train-compare',
    key: [gradients.id],
    inputs: [],
    variables: rowsOf(gradients),
    trace: () => blockProducts(gradients, names.length),
  });
  const sum = names.map(() => names.map(() => 0));
  const blocks = Object.entries(results).map(([scope, { values }]) => {
    const gram = squareOf(values, names.length);
    for (const k of names.keys()) for (const l of names.keys()) sum[k]![l]! += gram[k]![l]!;
    return [scope, comparisonOf(names, gram)] as const;
  });
  return { ...comparisonOf(names, sum), blocks: Object.fromEntries(blocks) };
}
