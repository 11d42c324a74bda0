import type { Command } from 'commander';
import { withProgress } from '../progress.ts';

export function addTasks(program: Command): void {
  program
    .command('tasks')
    .description('list the tasks that an experiment can name')
    .option('--plugin <file...>', 'more plugins: files that begin with "./", or packages')
    .option('--json', 'as JSON')
    .action(async ({ plugin = [], json }: { plugin?: string[]; json?: boolean }) => {
      const [{ loadPlugins }, { resolvePlugin }, { describeTasks }, { tasksTable }] = await Promise.all([
        import('../../experiment/plugins/load.ts'),
        import('../../experiment/plugins/resolve.ts'),
        import('../../data/index.ts'),
        import('../tasks-table.ts'),
      ]);
      const { tasks } = await loadPlugins(plugin.map((name) => resolvePlugin(name, process.cwd())));
      const rows = await withProgress('reading data', () => describeTasks(tasks.map(({ task }) => task)));
      process.stdout.write(`${json ? JSON.stringify(rows, null, 2) : tasksTable(rows)}\n`);
    });
}
