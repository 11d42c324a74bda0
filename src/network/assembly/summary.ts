import { columnScope, inColumn, lateralName } from '../../scope.ts';
import type { Column } from '../../trunk/index.ts';
import type { NetworkBody } from './body.ts';
import { countParameters } from './variables.ts';

/** The list of what a network is made of. Parameters are numbers that training changes. */
export interface Summary {
  readonly stems: readonly {
    readonly name: string;
    readonly modality: string;
    readonly tasks: readonly string[];
    readonly parameters: number;
  }[];
  readonly columns: readonly Column[];
  readonly heads: readonly {
    readonly name: string;
    readonly tasks: readonly string[];
    readonly parameters: number;
  }[];
  readonly parameters: number;
}

export function columnsOf(body: NetworkBody): readonly Column[] {
  return body.columns.map(({ plan: { trunk, laterals, inputs }, tasks }, index) => {
    const countIn = (scope: string) => countParameters(body.store.of(scope));
    const all = countIn(columnScope(index));
    const lateral = inputs.reduce((sum, _, b) => sum + countIn(inColumn(index, lateralName(b))), 0);
    return {
      kind: trunk.kind,
      ...(trunk.sharing === undefined ? {} : { sharing: trunk.sharing.kind }),
      width: trunk.width,
      depth: trunk.depth,
      tasks: tasks.map(({ name }) => name),
      frozen: body.isFrozen(index),
      laterals,
      adapters: inputs.flatMap((from, block) =>
        from.map(({ column, width, channels }) => ({ block, column, channels: channels?.length ?? width })),
      ),
      parameters: { own: all - lateral, lateral },
    };
  });
}

export function summarise(body: NetworkBody): Summary {
  const parts = [...new Set(body.tasks.map(({ input }) => input))].flatMap((input) => input.parts);
  const stems = [...new Set(parts.map(({ stem }) => stem))].map((stem) => ({
    name: stem.name,
    modality: stem.implementation.modality,
    tasks: body.tasks.filter(({ input }) => input.parts.some((part) => part.stem === stem)).map(({ name }) => name),
    // With what marks its tokens among those of others.
    parameters: parts
      .filter((part) => part.stem === stem)
      .reduce((sum, { type }) => sum + (type?.size ?? 0), countParameters(body.store.of(stem.scope))),
  }));
  const heads = [...new Set(body.tasks.map((task) => task.scope))].map((scope) => {
    const tasks = body.tasks.filter((task) => task.scope === scope).map((task) => task.name);
    return { name: tasks[0]!, tasks, parameters: countParameters(body.store.of(scope)) };
  });
  return { stems, columns: columnsOf(body), heads, parameters: countParameters(body.store.all()) };
}
