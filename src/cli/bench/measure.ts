import { setImmediate } from 'node:timers/promises';
import { lastValueFrom, tap } from 'rxjs';
import { adam, constantSchedule } from '../../optimise/index.ts';
import { startRuntime } from '../../runtime/index.ts';
import { train } from '../../train/index.ts';
import { median } from './median.ts';
import { networkOf, rawInputs } from './network-of.ts';
import { GENERATED } from './networks/index.ts';
import { stockOf } from './stock/stock.ts';

/** These variants are our own: `eager` is stock tfjs. The PyTorch variants are measured by their own programs. */
export type OwnVariant = 'eager' | 'graph' | 'xla';

/** One process measured this. */
export interface Measurement {
  readonly msPerStep: number;
  readonly peakMemoryMB: number;
}

const WARM_UP = 5;
const LEAST = 10;
const MOST = 1000;

/** Measures the median time of a training step, or of writing a batch, in this process, with equal weights or another `balance`, over about so many milliseconds, and its peak memory. */
export async function measure(
  name: string,
  batch: number,
  variant: OwnVariant,
  milliseconds: number,
  balance?: string,
): Promise<Measurement> {
  await startRuntime({ require: 'tensorflow' });
  const network = await networkOf(name, batch);
  const times: number[] = [];
  const enough = () =>
    times.length >= WARM_UP + LEAST && times.slice(WARM_UP).reduce((a, b) => a + b, 0) >= milliseconds;
  const writes = GENERATED.find((generated) => generated.name === name)?.writes;
  if (writes !== undefined) {
    const inputs = await rawInputs(network, writes, batch);
    while (!enough() && times.length < MOST) {
      const begin = performance.now();
      await network.predict(writes, inputs, { compile: variant });
      times.push(performance.now() - begin);
    }
  } else if (variant === 'eager') {
    const { step } = await stockOf(name, network, batch);
    while (!enough() && times.length < MOST) {
      const begin = performance.now();
      step();
      times.push(performance.now() - begin);
      await setImmediate();
    }
  } else {
    const events = train(network, {
      steps: MOST,
      batch,
      optimizer: adam({ learningRate: 1e-3 }),
      schedule: constantSchedule(),
      clip: Number.POSITIVE_INFINITY,
      compile: variant,
      ...(balance === undefined ? {} : { balance }),
      stop: enough,
    });
    await lastValueFrom(events.pipe(tap((event) => event.kind === 'step' && times.push(event.milliseconds))));
  }
  return {
    msPerStep: median(times.slice(WARM_UP)),
    peakMemoryMB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}
