import { renderTable } from '../../report/index.ts';
import { type BenchResult, machineFacts, measureOwn } from './bench.ts';
import { median } from './median.ts';
import { joint, oneInput } from './networks/index.ts';
import { measureAggregator } from './peers.ts';

/** Equal weights are compared with these: of each way through a step the best known ones. */
const MEASURED = [
  'uncertainty',
  'gls',
  'famo',
  'gradnorm',
  'pcgrad',
  'mgda',
  'cagrad',
  'nash-mtl',
  'upgrad',
  'graddrop',
];
const BATCH = 32;
const [OWN_INPUTS, ONE_INPUT] = [joint.name, oneInput.name];
const PEER_METHODS = ['ew', 'gram-pcgrad', 'gram-mgda', 'gram-upgrad', 'tjd-pcgrad', 'tjd-mgda', 'tjd-upgrad'];

export interface BalanceRow {
  readonly network: string;
  readonly method: string;
  readonly msPerStep: number;
  /** It is how much longer a step takes than with equal weights in the same run. */
  readonly ratio: number;
  readonly peakMemoryMB: number;
}

export interface BalanceBench {
  readonly machine: BenchResult['machine'];
  readonly rows: readonly BalanceRow[];
}

/**
 * A compiled step with each method beside one with equal weights, in turn: tasks with inputs of their own (the joint network)
 * and on one input. With `peer`, a Python with torch and torchjd, the peer's methods on the joint network.
 */
export async function benchBalance(
  { rounds, peer }: { readonly rounds: number; readonly peer?: string },
  tell: (text: string) => void,
): Promise<BalanceBench> {
  const rows: BalanceRow[] = [];
  for (const network of [OWN_INPUTS, ONE_INPUT]) {
    const measured = new Map<string, { msPerStep: number; peakMemoryMB: number }[]>();
    for (let round = 0; round < rounds; round++) {
      for (const method of ['equal', ...MEASURED]) {
        const measurement = await measureOwn(network, BATCH, 'graph', method);
        tell(`${network}, ${method}: ${measurement.msPerStep.toFixed(1)} ms a step, ${measurement.peakMemoryMB} MB`);
        measured.set(method, [...(measured.get(method) ?? []), measurement]);
      }
      for (const method of peer === undefined || network === ONE_INPUT ? [] : PEER_METHODS) {
        // One that its Python cannot run (a package is missing) leaves no row.
        const measurement = await measureAggregator(peer!, method, BATCH).catch((error: Error) => {
          tell(`${network}, peer ${method}: ${error.message.split('\n').findLast((line) => line.trim() !== '')}`);
        });
        if (measurement === undefined) continue;
        tell(
          `${network}, peer ${method}: ${measurement.msPerStep.toFixed(1)} ms a step, ${measurement.peakMemoryMB} MB`,
        );
        measured.set(`peer ${method}`, [...(measured.get(`peer ${method}`) ?? []), measurement]);
      }
    }
    const time = (method: string) => median(measured.get(method)!.map((measurement) => measurement.msPerStep));
    for (const [method, all] of measured) {
      rows.push({
        network,
        method,
        msPerStep: Number(time(method).toFixed(2)),
        ratio: Number(
          (time(method) / time(method.startsWith('peer') && measured.has('peer ew') ? 'peer ew' : 'equal')).toFixed(3),
        ),
        peakMemoryMB: Math.round(median(all.map((measurement) => measurement.peakMemoryMB))),
      });
    }
  }
  return { machine: machineFacts(), rows };
}

export function balanceTable({ rows }: BalanceBench): string {
  return renderTable(
    [
      { title: 'network' },
      { title: 'method' },
      { title: 'ms a step', align: 'right' },
      { title: 'beside equal', align: 'right' },
      { title: 'MB', align: 'right' },
    ],
    rows.map(({ network, method, msPerStep, ratio, peakMemoryMB }) => [
      network,
      method,
      msPerStep.toFixed(1),
      ratio.toFixed(2),
      String(peakMemoryMB),
    ]),
  );
}
