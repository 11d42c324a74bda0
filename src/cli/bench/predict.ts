import { renderTable } from '../../report/index.ts';
import { type BenchResult, machineFacts } from './bench.ts';
import { PREDICTORS, type PredictMeasurement, type Predictor } from './measure-predict.ts';
import { median } from './median.ts';
import { cnn, joint, transformer } from './networks/index.ts';
import { ownProcess } from './own-process.ts';
import { measurePrediction, type PeerVariant } from './peers.ts';

const NETWORKS = [cnn.name, transformer.name, joint.name];
const BATCHES = [1, 64];

export interface PredictRow {
  readonly network: string;
  readonly batch: number;
  readonly predictor: Predictor | PeerVariant;
  /** Milliseconds of a batch of each stem's first task. */
  readonly milliseconds: number;
  /** The same of the processor, of all threads together. */
  readonly processorMs: number;
  readonly peakMemoryMB: number;
}

export interface PredictBench {
  readonly machine: BenchResult['machine'];
  readonly rows: readonly PredictRow[];
}

/** Measures predictions, those that predict in turn. With `peer`, a Python with torch, PyTorch too. `tell` hears of each measurement. */
export async function benchPredict(
  { rounds, peer }: { readonly rounds: number; readonly peer?: string },
  tell: (text: string) => void,
): Promise<PredictBench> {
  const rows: PredictRow[] = [];
  const peers: readonly PeerVariant[] = peer === undefined ? [] : ['torch', 'torch-compile'];
  for (const network of NETWORKS) {
    for (const batch of BATCHES) {
      const measured = new Map<PredictRow['predictor'], PredictMeasurement[]>();
      for (let round = 0; round < rounds; round++) {
        for (const predictor of [...PREDICTORS, ...peers]) {
          // It spends a minute on compiling for seconds of measuring.
          if (predictor === 'torch-compile' && round > 0) continue;
          const measurement =
            predictor === 'torch' || predictor === 'torch-compile'
              ? await measurePrediction(peer!, network, batch, predictor)
              : await ownProcess<PredictMeasurement>('bench-predict-one', network, String(batch), predictor);
          tell(
            `${network}, batch ${batch}, ${predictor}: ${measurement.msPerStep.toFixed(2)} ms, ${measurement.processorMs.toFixed(2)} ms of the processor`,
          );
          measured.set(predictor, [...(measured.get(predictor) ?? []), measurement]);
        }
      }
      for (const [predictor, all] of measured) {
        const figure = (read: (measurement: PredictMeasurement) => number) => Number(median(all.map(read)).toFixed(3));
        const milliseconds = figure(({ msPerStep }) => msPerStep);
        const processorMs = figure((measurement) => measurement.processorMs);
        const peakMemoryMB = Math.round(median(all.map((measurement) => measurement.peakMemoryMB)));
        rows.push({ network, batch, predictor, milliseconds, processorMs, peakMemoryMB });
      }
    }
  }
  return { machine: machineFacts(), rows };
}

/** Makes a table with a line for each network and batch: the milliseconds of whatever predicts, and those of the processor. */
export function predictTable({ rows }: PredictBench): string {
  const predictors = [...new Set(rows.map(({ predictor }) => predictor))];
  const keys = [...new Set(rows.map(({ network, batch }) => `${network} ${batch}`))];
  const body = keys.map((key) => [
    key,
    ...predictors.map((predictor) => {
      const row = rows.find((other) => `${other.network} ${other.batch}` === key && other.predictor === predictor);
      return row === undefined ? '' : `${row.milliseconds.toFixed(2)} (${row.processorMs.toFixed(2)}) ms`;
    }),
  ]);
  const figures = predictors.map((title) => ({ title, align: 'right' as const }));
  return renderTable([{ title: 'network, batch' }, ...figures], body);
}
