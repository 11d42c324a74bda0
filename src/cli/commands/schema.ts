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
      const plugins = plugin.map((name) => resolvePlugin(name, process.cwd()));
      const bindings = plugins.length === 0 ? undefined : (await loadPlugins(plugins)).container;
      process.stdout.write(`${JSON.stringify(experimentJsonSchema(bindings), null, 2)}\n`);
    });
}
