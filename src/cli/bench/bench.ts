import { availableParallelism, cpus, totalmem } from 'node:os';
import { check, wholeNumber } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import { renderTable } from '../../report/index.ts';
import type { Measurement, OwnVariant } from './measure.ts';
import { median } from './median.ts';
import { NETWORKS } from './networks/index.ts';
import { ownProcess } from './own-process.ts';
import { measurePeer, type PeerVariant } from './peers.ts';

export interface BenchOptions {
  /** The peer is a Python with torch; without it PyTorch is not measured. */
  readonly peer?: string;
  readonly network?: string;
  readonly batch?: number;
  /** Each variant is measured so many times, in turn with the others; the median counts. */
  readonly rounds: number;
}

export interface BenchRow extends Measurement {
  readonly network: string;
  readonly batch: number;
  readonly variant: OwnVariant | PeerVariant;
  readonly examplesPerSecond: number;
}

export interface BenchResult {
  readonly machine: {
    readonly processor: string;
    readonly threads: number;
    readonly memoryGB: number;
    readonly node: string;
    readonly date: string;
  };
  readonly rows: readonly BenchRow[];
}

/** Nobody has written a MultiModel in plain tfjs, and XLA takes minutes to compile one. */
const ownVariants = (network: string): readonly OwnVariant[] =>
  network.startsWith('multi-model') ? ['graph'] : ['eager', 'graph', 'xla'];

/** Measures training steps in a process of their own. */
export const measureOwn = (network: string, batch: number, variant: OwnVariant, balance?: string) =>
  ownProcess<Measurement>('bench-one', network, String(batch), variant, ...(balance === undefined ? [] : [balance]));

/** Measures all that is asked for, variants in turn; `tell` hears of each measurement. */
export async function bench(options: BenchOptions, tell: (text: string) => void): Promise<BenchResult> {
  check('bench', { rounds: options.rounds }, wholeNumber(1));
  const rows: BenchRow[] = [];
  for (const { name, batches } of NETWORKS) {
    if (options.network !== undefined && options.network !== name) continue;
    for (const batch of batches) {
      if (options.batch !== undefined && options.batch !== batch) continue;
      rows.push(...(await benchRow(name, batch, options, tell)));
    }
  }
  if (rows.length === 0) {
    const choices = NETWORKS.map(({ name, batches }) => `${name} at ${batches.join(', ')}`).join('; ');
    throw new BanyanError(
      'argument',
      `bench: network and batch must be ${choices}, received ${options.network ?? 'any'} at ${options.batch ?? 'any'}. Choose one of these, or leave them out for all.`,
    );
  }
  return { machine: machineFacts(), rows };
}

/** Says what a figure depends on. */
export function machineFacts(): BenchResult['machine'] {
  const [processor] = cpus();
  return {
    processor: processor?.model.trim() ?? process.arch,
    threads: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
  };
}

async function benchRow(
  network: string,
  batch: number,
  { peer, rounds }: BenchOptions,
  tell: (text: string) => void,
): Promise<BenchRow[]> {
  const peers: readonly PeerVariant[] =
    peer === undefined
      ? []
      : network === 'joint-real' || network.endsWith('-writing')
        ? ['torch']
        : ['torch', 'torch-compile'];
  const measured = new Map<OwnVariant | PeerVariant, Measurement[]>();
  for (let round = 0; round < rounds; round++) {
    for (const variant of [...ownVariants(network), ...peers]) {
      // It spends a minute on compiling for seconds of measuring.
      if (variant === 'torch-compile' && round > 0) continue;
      const measurement =
        variant === 'torch' || variant === 'torch-compile'
          ? await measurePeer(peer!, network, batch, variant)
          : await measureOwn(network, batch, variant);
      tell(
        `${network}, batch ${batch}, ${variant}: ${measurement.msPerStep.toFixed(2)} ms a step, ${measurement.peakMemoryMB} MB`,
      );
      measured.set(variant, [...(measured.get(variant) ?? []), measurement]);
    }
  }
  return [...measured].map(([variant, all]) => {
    const msPerStep = Number(median(all.map((measurement) => measurement.msPerStep)).toFixed(3));
    return {
      network,
      batch,
      variant,
      msPerStep,
      examplesPerSecond: Math.round((1000 * batch) / msPerStep),
      peakMemoryMB: Math.round(median(all.map((measurement) => measurement.peakMemoryMB))),
    };
  });
}

/** Makes a table with a line for each network and batch: the milliseconds of each variant. */
export function benchTable({ rows }: BenchResult): string {
  const variants = [...new Set(rows.map(({ variant }) => variant))];
  const keys = [...new Set(rows.map(({ network, batch }) => `${network} ${batch}`))];
  const body = keys.map((key) => [
    key,
    ...variants.map((variant) => {
      const row = rows.find((other) => `${other.network} ${other.batch}` === key && other.variant === variant);
      return row === undefined ? '' : `${row.msPerStep.toFixed(1)} ms`;
    }),
  ]);
  const figures = variants.map((title) => ({ title, align: 'right' as const }));
  return renderTable([{ title: 'network, batch' }, ...figures], body);
}
