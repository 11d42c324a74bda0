import { BanyanError } from '../../error.ts';
import { pickTask } from '../../experiment/plugins/pick.ts';
import type { AnyTask } from '../../task/index.ts';
import type { Session } from '../run/session.ts';
import type { TransferPlan } from './plan.ts';

const PATH = ['transfer', 'targets'];

/** Picks the sources' and targets' tasks, by name. @throws BanyanError `experiment` for a target that cannot be measured. */
export async function pickAllTasks(session: Session, plan: TransferPlan): Promise<ReadonlyMap<string, AnyTask>> {
  const { loaded, found, tasks } = session;
  const targets = plan.data.targets.map((name) => pickTask(loaded, found, name, PATH));
  for (const target of targets) {
    await target.source.open?.();
    assertMeasurable(session, plan, target);
  }
  return new Map([...tasks, ...targets].map((task) => [task.name, task]));
}

function assertMeasurable({ loaded }: Session, { data }: TransferPlan, { name, source }: AnyTask): void {
  const wholeSplit = data.examples.every((share) => share === 1);
  for (const split of ['training', 'validation'] as const) {
    const count = source.counts[split];
    const mayBeEndless = split === 'training' && wholeSplit;
    if (count > 0 && (Number.isFinite(count) || mayBeEndless)) continue;
    throw new BanyanError(
      'experiment',
      `${loaded.place(PATH)}: target "${name}" has ${count} ${split} examples, expected at least one and not endlessly many: ${split === 'training' ? 'shares are taken of them' : 'the learning curve is measured on them'}. Leave the target out, or give its source a ${split} split.`,
    );
  }
}
