import type { Command } from 'commander';

export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('write the JSON schema of experiments, by which editors complete and check them')
    .option('--plugin <file...>', 'plugins whose kinds are in it too: files that begin with "./", or packages')
    .action(async ({ plugin = [] }: { plugin?: string[] }) => {
      const [{ experimentJsonSchema }, { loadPlugins }, { resolvePlugin }] = await Promise.all([
        import('../../experiment/json-schema.ts'),
        import('../../experiment/plugins/load.ts'),
        import('../../experiment/plugins/resolve.ts'),
      ]);
      const { container } = await loadPlugins(plugin.map((name) => resolvePlugin(name, process.cwd())));
      process.stdout.write(`${JSON.stringify(experimentJsonSchema(container), null, 2)}\n`);
    });
}
