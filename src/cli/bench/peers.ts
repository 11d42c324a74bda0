import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { BanyanError } from '../../error.ts';
import type { Measurement } from './measure.ts';
import type { PredictMeasurement } from './measure-predict.ts';

export type PeerVariant = 'torch' | 'torch-compile';

const run = promisify(execFile);
const STEPS = [5, 25] as const;

/** Finds a PyTorch program: in BANYAN_PEERS, ./peers or ../shared/peers. */
function peer(program: string): string {
  const places = [process.env.BANYAN_PEERS, 'peers', '../shared/peers'].flatMap((place) => place ?? []);
  const found = places.map((place) => resolve(place, program)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new BanyanError(
    'argument',
    `bench --peer: ${program} was not found in ${places.join(', ')}. Set BANYAN_PEERS to its folder.`,
  );
}

async function lines(python: string, program: string, args: readonly string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await run(python, [peer(program), ...args], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    maxBuffer: 2 ** 24,
  });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Measures the same network in PyTorch at its best: of the layouts that it may use, the faster. */
export async function measurePeer(
  python: string,
  network: string,
  batch: number,
  variant: PeerVariant,
): Promise<Measurement> {
  if (network === 'joint-real') return measureJoint(python, batch);
  const flags = variant === 'torch-compile' ? ['--compile'] : [];
  const layouts = network === 'cnn-3-heads' ? [[], ['--channels-last']] : [[]];
  const program = network.startsWith('multi-model') ? 'multi_model_torch.py' : 'step_torch.py';
  const measured: Measurement[] = [];
  for (const layout of layouts) {
    const [row] = await lines(python, program, [network, String(batch), ...flags, ...layout]);
    measured.push(row as unknown as Measurement);
  }
  return measured.reduce((a, b) => (a.msPerStep <= b.msPerStep ? a : b));
}

/** Measures predictions of the same network in PyTorch at its best, by `predict_torch.py`. */
export async function measurePrediction(
  python: string,
  network: string,
  batch: number,
  variant: PeerVariant,
): Promise<PredictMeasurement> {
  const flags = variant === 'torch-compile' ? ['--compile'] : [];
  const [row] = await lines(python, 'predict_torch.py', [network, String(batch), ...flags]);
  return row as unknown as PredictMeasurement;
}

/** Lets its program train and evaluate, and takes the mean over the steps between two marks, by its own clock. */
async function measureJoint(python: string, batch: number): Promise<Measurement> {
  const args = '--vstem conv --astem conv --drop 0 --tdrop .2 --lr 2e-3 --marks'.split(' ');
  const rows = await lines(python, 'joint_torch.py', [
    ...args,
    '',
    '--msteps',
    String(STEPS[0]),
    '--batch',
    String(batch),
    '--steps',
    String(STEPS[1]),
  ]);
  const [first, last] = STEPS.map((step) => rows.find((row) => row.step === step) as Record<string, number>);
  return {
    // Milliseconds are the mean since the start, to a tenth: the time of the first steps is taken off.
    msPerStep: (last!.ms! * STEPS[1] - first!.ms! * STEPS[0]) / (STEPS[1] - STEPS[0]),
    peakMemoryMB: first!.rss_mb!,
  };
}

/** Measures a gradient aggregator in PyTorch on the joint network; it needs torchjd. */
export async function measureAggregator(python: string, method: string, batch: number): Promise<Measurement> {
  const network = '--vstem conv --astem conv --drop 0 --tdrop .2'.split(' ');
  const [row] = await lines(python, 'aggregators_torch.py', [...network, '--method', method, '--batch', String(batch)]);
  return { msPerStep: row!.ms as number, peakMemoryMB: row!.rss_peak_mb as number };
}
