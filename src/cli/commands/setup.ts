import { type Command, Option } from 'commander';

interface SetupFlags {
  readonly gpu?: true;
  readonly cpu?: true;
  readonly tflite?: true;
  readonly search?: true;
}

export function addSetup(program: Command): void {
  program
    .command('setup')
    .description('download TensorFlow once, into the cache folder')
    .addOption(new Option('--gpu', 'with CUDA').conflicts('cpu'))
    .addOption(new Option('--cpu', 'without CUDA'))
    .addOption(
      new Option('--tflite', "only what `export --format tflite` needs beside it: TensorFlow's converter").conflicts([
        'gpu',
        'cpu',
      ]),
    )
    .addOption(new Option('--search', 'only Optuna, which `banyan search` needs').conflicts(['gpu', 'cpu', 'tflite']))
    .action(async ({ gpu, cpu, tflite, search }: SetupFlags) => {
      const { installSideCar, OPTUNA, setup, TFLITE } = await import('../../runtime/index.ts');
      const sideCar = tflite ? TFLITE : search ? OPTUNA : undefined;
      if (sideCar !== undefined) {
        const { folder, made, seconds } = await installSideCar(sideCar);
        process.stdout.write(`${readyText(sideCar.what, folder, made, seconds)}\n`);
        return;
      }
      const { folder, made, seconds } = await setup(gpu ? { gpu: true } : cpu ? { gpu: false } : {});
      const took = Object.values(seconds).reduce((sum, part) => sum + part, 0);
      process.stdout.write(`${readyText('TensorFlow', folder, made, took)}\n`);
    });
}

const readyText = (what: string, folder: string, made: boolean, seconds: number): string =>
  made ? `${what} was set up in ${folder} in ${seconds.toFixed(0)} s.` : `${what} is ready in ${folder}.`;
