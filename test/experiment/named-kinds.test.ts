import { describe, expect, it } from 'vitest';
import { balanceMethods } from '../../src/balance/index.ts';
import { metricKinds } from '../../src/evaluate/index.ts';
import { namedKinds } from '../../src/experiment/named-kinds.ts';
import { experimentSchema } from '../../src/experiment/schema.ts';
import { averageKinds, optimizerKinds, scheduleKinds } from '../../src/optimise/index.ts';
import { loggerKinds } from '../../src/report/index.ts';
import { samplerKinds } from '../../src/sample/index.ts';
import { sharingKinds, trunkKinds } from '../../src/trunk/index.ts';

describe('the kinds that an experiment can name', () => {
  it('are those of all families, each family at the first place that names it', () => {
    const places = Object.fromEntries(namedKinds(experimentSchema()).map(({ place, kinds }) => [place, kinds]));
    const families = {
      trunk: trunkKinds,
      'trunk.sharing': sharingKinds,
      'tasks.NAME.metrics': metricKinds,
      'training.optimizer': optimizerKinds,
      'training.schedule': scheduleKinds,
      'training.average': averageKinds,
      'training.sampler': samplerKinds,
      'training.balance': balanceMethods,
      log: loggerKinds,
    };
    expect(Object.keys(places)).toEqual(Object.keys(families));
    for (const [place, family] of Object.entries(families)) {
      expect(places[place]!.map(({ kind }) => kind)).toEqual(family.kinds().map(({ kind }) => kind));
    }
  });
});
