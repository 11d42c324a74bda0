import type { Command, Help } from 'commander';

/** The commands whose experiment names kinds. */
const COMMANDS = ['train', 'transfer', 'compare'];

/** Words of a command line that ask for help. */
const ASKING = ['-h', '--help', 'help'];

/**
 * Adds the kinds that an experiment can name to the help of the commands that take one, and to that of `explain` its methods. They are read from its schema, which needs
 * all families, and with them tfjs: so that is loaded only where the words of the command line ask for help.
 */
export async function addKindsHelp(program: Command, words: readonly string[]): Promise<void> {
  const has = (list: readonly string[]) => words.some((word) => list.includes(word));
  if (!has(ASKING)) return;
  if (has(['explain'])) await addMethods(program);
  if (!has(COMMANDS)) return;
  const [{ experimentSchema }, { loadPlugins }, { namedKinds }] = await Promise.all([
    import('../../experiment/schema.ts'),
    import('../../experiment/plugins/load.ts'),
    import('../../experiment/named-kinds.ts'),
  ]);
  const families = namedKinds(experimentSchema((await loadPlugins([])).container));
  const width = Math.max(...families.map(({ place }) => place.length));
  for (const command of program.commands.filter((each) => COMMANDS.includes(each.name()))) {
    command.addHelpText('after', () => {
      const help = helpOf(command);
      const rows = families.map(({ place, kinds }) =>
        help.formatItem(place, width, kinds.map(({ kind }) => kind).join(', '), help),
      );
      return `\nKinds to name in the experiment, beside those of plugins (docs/experiment.md):\n${rows.join('\n')}`;
    });
  }
}

/** Adds the methods that `explain` has, and their options. */
async function addMethods(program: Command): Promise<void> {
  const { explanationKinds } = await import('../../explain/index.ts');
  const explain = program.commands.find((each) => each.name() === 'explain')!;
  const kinds = explanationKinds.kinds();
  const width = Math.max(...kinds.map(({ kind }) => kind.length));
  explain.addHelpText('after', () => {
    const help = helpOf(explain);
    const rows = kinds.map((kind) => {
      const options = Object.keys(explanationKinds.optionsOf(kind).shape);
      const given = options.length === 0 ? '' : ` Options: ${options.join(', ')}.`;
      return help.formatItem(kind.kind, width, `${kind.about}${given}`, help);
    });
    return `\nMethods, beside those of plugins, such as --method '{ kind: occlusion, window: 4 }' (docs/explain.md):\n${rows.join('\n')}`;
  });
}

/** What formats the command's help, for a terminal as wide as its own. */
function helpOf(command: Command): Help {
  const help = command.createHelp();
  const { getOutHelpWidth } = command.configureOutput();
  help.prepareContext({ helpWidth: getOutHelpWidth?.() ?? 80 });
  return help;
}
