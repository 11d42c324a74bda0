import type { Command } from 'commander';
import type { Predictor } from '../bench/measure-predict.ts';

interface BenchFlags {
  readonly json?: boolean;
  readonly peer?: string;
  readonly network?: string;
  readonly batch?: string;
  readonly rounds: string;
}

// Long enough for a median, short enough for a coffee.
const MILLISECONDS = 4000;

export function addBench(program: Command): void {
  const command = program
    .command('bench')
    .description('measure training steps: stock tfjs, graphs, XLA, and PyTorch where its Python is given')
    .option('--json', 'as JSON')
    .option('--peer <python>', 'a Python with torch, to run the same networks in PyTorch')
    .option('--network <name>', 'only this network')
    .option('--batch <n>', 'only this batch size')
    .option('--rounds <n>', 'measurements of each variant', '3')
    .action(async ({ json = false, peer, network, batch, rounds }: BenchFlags) => {
      const { bench, benchTable } = await import('../bench/bench.ts');
      const result = await bench(
        {
          ...(peer === undefined ? {} : { peer }),
          ...(network === undefined ? {} : { network }),
          ...(batch === undefined ? {} : { batch: Number(batch) }),
          rounds: Number(rounds),
        },
        (line) => process.stderr.write(`${line}\n`),
      );
      process.stdout.write(`${json ? JSON.stringify(result) : benchTable(result)}\n`);
    });
  command
    .command('balance')
    .description('measure what balancing tasks costs beside equal weights')
    .option('--json', 'as JSON')
    .option('--peer <python>', 'a Python with torch and torchjd, to run its methods on the joint network')
    .option('--rounds <n>', 'measurements of each method', '3')
    .action(async (_: BenchFlags, self: Command) => {
      // Options of the same names belong to the command above as well.
      const { json = false, peer, rounds } = self.optsWithGlobals<BenchFlags>();
      const { balanceTable, benchBalance } = await import('../bench/balance.ts');
      const result = await benchBalance({ rounds: Number(rounds), ...(peer === undefined ? {} : { peer }) }, (line) =>
        process.stderr.write(`${line}\n`),
      );
      process.stdout.write(`${json ? JSON.stringify(result) : balanceTable(result)}\n`);
    });
  command
    .command('predict')
    .description(
      'measure predictions at batch 1 and 64: graphs, plain tfjs, ONNX Runtime, and PyTorch where its Python is given',
    )
    .option('--json', 'as JSON')
    .option('--peer <python>', 'a Python with torch, to run the same networks in PyTorch')
    .option('--rounds <n>', 'measurements of each', '3')
    .action(async (_: BenchFlags, self: Command) => {
      const { json = false, peer, rounds } = self.optsWithGlobals<BenchFlags>();
      const { benchPredict, predictTable } = await import('../bench/predict.ts');
      const result = await benchPredict({ rounds: Number(rounds), ...(peer === undefined ? {} : { peer }) }, (line) =>
        process.stderr.write(`${line}\n`),
      );
      process.stdout.write(`${json ? JSON.stringify(result) : predictTable(result)}\n`);
    });
  program
    .command('bench-predict-one', { hidden: true })
    .argument('<network>')
    .argument('<batch>')
    .argument('<predictor>')
    .argument('[milliseconds]')
    .action(async (network: string, batch: string, predictor: Predictor, milliseconds = MILLISECONDS) => {
      const { measurePredict } = await import('../bench/measure-predict.ts');
      process.stdout.write(
        `${JSON.stringify(await measurePredict(network, Number(batch), predictor, Number(milliseconds)))}\n`,
      );
    });
  program
    .command('bench-one', { hidden: true })
    .argument('<network>')
    .argument('<batch>')
    .argument('<variant>')
    .argument('[balance]')
    .action(async (network: string, batch: string, variant: 'eager' | 'graph' | 'xla', balance?: string) => {
      const { measure } = await import('../bench/measure.ts');
      process.stdout.write(
        `${JSON.stringify(await measure(network, Number(batch), variant, MILLISECONDS, balance))}\n`,
      );
    });
}
