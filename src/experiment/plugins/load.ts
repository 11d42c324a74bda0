import { isAbsolute } from 'node:path';
import { Container, ContainerModule } from 'inversify';
import { BanyanError } from '../../error.ts';
import { type AnyTask, TASK } from '../../task/index.ts';
import { checkKinds, type LoadedExperiment } from '../load.ts';
import { importModule, reason } from './import.ts';

/** The built-in tasks, and kinds of inputs and targets: plugins like any other, loaded by name. */
const DEFAULT_PLUGINS = ['banyan-ml/tasks', 'banyan-ml/fields'];

/** Plugins, loaded, and the tasks they bind. */
export interface LoadedPlugins {
  /** What they bind, kinds included. */
  readonly container: Container;
  readonly modules: readonly ContainerModule[];
  readonly tasks: readonly { readonly task: AnyTask; readonly plugin?: string }[];
}

/**
 * Loads plugins, the built-in tasks first. A plugin is an absolute path or a package's name (see `resolvePlugin`); its
 * default export is an inversify `ContainerModule`.
 * @throws BanyanError `plugin` for one that cannot be loaded, is no module, or brings a task that another brought.
 */
export async function loadPlugins(plugins: readonly string[]): Promise<LoadedPlugins> {
  const container = new Container();
  const modules: ContainerModule[] = [];
  const tasks: { task: AnyTask; plugin: string }[] = [];
  for (const plugin of new Set([...DEFAULT_PLUGINS, ...plugins])) {
    const module = containerModule(plugin, await importPlugin(plugin));
    modules.push(module);
    await container.load(module);
    const bound = container.isBound(TASK) ? container.getAll(TASK) : [];
    for (const task of bound) {
      if (tasks.some((other) => other.task === task)) continue;
      const rival = tasks.find((other) => other.task.name === task.name);
      if (rival !== undefined) {
        throw new BanyanError(
          'plugin',
          `Two plugins bring a task "${task.name}": ${rival.plugin} and ${plugin}. Expected each name once. Rename the task in one of them.`,
        );
      }
      tasks.push({ task, plugin });
    }
  }
  return { container, modules, tasks };
}

/**
 * Loads the plugins of an experiment, unless they are left out, and checks the kinds that it names by what they bind.
 * @throws BanyanError `plugin` as \`loadPlugins\`, \`experiment\` as \`checkKinds\`.
 */
export async function loadPluginsOf(loaded: LoadedExperiment): Promise<LoadedPlugins> {
  const plugins = await loadPlugins(loaded.withoutPlugins ? [] : loaded.experiment.plugins);
  checkKinds(loaded, plugins.container);
  return plugins;
}

async function importPlugin(plugin: string): Promise<Readonly<Record<string, unknown>>> {
  if (isAbsolute(plugin)) return importModule(plugin, 'plugin');
  try {
    return (await import(plugin)) as Record<string, unknown>;
  } catch (cause) {
    // By its name: another copy of this package has a class of its own.
    if (cause instanceof Error && cause.name === 'BanyanError') throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' && reason(cause).includes(`'${packageOf(plugin)}'`);
    throw new BanyanError(
      'plugin',
      missing
        ? `Plugin ${plugin} was not found. Expected an installed package, or a file whose path begins with "./". Install the package, or correct the name.`
        : `Plugin ${plugin} cannot be loaded: ${reason(cause)}. Correct the plugin.`,
      { cause },
    );
  }
}

/** `some-package` of `some-package/tasks`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function containerModule(plugin: string, exported: Readonly<Record<string, unknown>>): ContainerModule {
  const candidate = exported.default;
  // Another copy of inversify makes modules of another class; what they do is the same.
  if (candidate instanceof ContainerModule || typeof (candidate as ContainerModule | undefined)?.load === 'function') {
    return candidate as ContainerModule;
  }
  const received = candidate === undefined ? 'no default export' : `a default export of type ${typeof candidate}`;
  throw new BanyanError(
    'plugin',
    `Plugin ${plugin} has ${received}, expected an inversify ContainerModule. Write \`export default taskPlugin(myTask)\`.`,
  );
}
