import type { Column } from '../trunk/index.ts';
import type { NetworkBody } from './body.ts';
import { countParameters } from './variables.ts';

/** What a network is made of; parameters are numbers that training changes. */
export interface Summary {
  readonly stems: readonly {
    readonly name: string;
    readonly modality: string;
    readonly tasks: readonly string[];
    readonly parameters: number;
  }[];
  readonly columns: readonly Column[];
  readonly heads: readonly { readonly name: string; readonly parameters: number }[];
  readonly parameters: number;
}

export function columnsOf(body: NetworkBody): readonly Column[] {
  const { kind, width, depth } = body.trunk;
  return [{ kind, width, depth, parameters: { own: countParameters(body.store.of('column-0')), lateral: 0 } }];
}

export function summarise(body: NetworkBody): Summary {
  const stems = [...new Set(body.tasks.map((task) => task.stem))].map((stem) => ({
    name: stem.part.slice('stem/'.length),
    modality: stem.stem.modality,
    tasks: body.tasks.filter((task) => task.stem === stem).map((task) => task.name),
    parameters: countParameters(body.store.of(stem.part)),
  }));
  const heads = body.tasks.map((task) => ({ name: task.name, parameters: countParameters(body.store.of(task.part)) }));
  return { stems, columns: columnsOf(body), heads, parameters: countParameters(body.store.all()) };
}
