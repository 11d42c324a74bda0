import { lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createNetwork, defineTask, denseTrunk, evaluate, type StemContext, train } from '../../../src/index.ts';
import { batchNorm } from '../../../src/layers/index.ts';
import { internals, readVariable } from '../../../src/network/index.ts';
import { headOf, NumbersStem, numbersSource, numbersTask } from '../../fixtures.ts';

const trunk = denseTrunk({ width: 8, depth: 2, dropout: 0.5 });

/** A stem with running statistics, which a pass in training mode moves. */
function normalised(context: StemContext) {
  const stem = new NumbersStem(context);
  const norm = batchNorm(context, 'norm', context.width);
  return Object.assign(Object.create(stem) as NumbersStem, {
    inputShape: stem.inputShape,
    modality: stem.modality,
    prepare: stem.prepare,
    forward: (...[batch, call]: Parameters<NumbersStem['forward']>) => norm(stem.forward(batch, call), call),
  });
}

describe('body.close', () => {
  it('leaves parts out of training and runs them in inference mode', async () => {
    const old = defineTask({ name: 'old', stem: normalised, head: headOf, source: numbersSource((x) => x[0]!) });
    const fresh = { ...numbersTask('new'), stem: normalised };
    const network = await createNetwork({ trunk, tasks: [old, fresh] });
    const values = async () =>
      new Map(
        await Promise.all(
          internals(network)
            .body.store.all()
            .map(async ({ name, tensor }) => [name, (await readVariable(tensor)).values] as const),
        ),
      );
    internals(network).body.freeze('column-0', 'stem/old', 'head/old');
    const before = await values();
    const measured = await evaluate(network, { tasks: ['old'] });
    await lastValueFrom(train(network, { steps: 5, batch: 8, tasks: ['new'] }));
    const after = await values();
    const changed = [...after].filter(([name, now]) => String(now) !== String(before.get(name))).map(([name]) => name);
    expect(changed).toEqual(['head/new/kernel']);
    expect(await evaluate(network, { tasks: ['old'] })).toEqual(measured);
    network.dispose();
  });
});
