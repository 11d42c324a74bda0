import { assignStored, type Network, type NetworkVariable, readVariable } from '../../network/index.ts';

/** Gives the variables of the same names the other network's values. */
export async function copyInto(to: Network, from: Network): Promise<void> {
  const variables = new Map(to.body.store.all().map((variable) => [variable.name, variable]));
  for (const given of from.body.store.all()) await copy(given, variables.get(given.name)!);
}

/** Gives the variables of one part the values of another's; both have the same ones. */
export async function copyPart({ body }: Network, from: string, to: string): Promise<void> {
  const variables = new Map(body.store.of(to).map((variable) => [within(variable, to), variable]));
  for (const given of body.store.of(from)) await copy(given, variables.get(within(given, from))!);
}

/** Whether two parts have variables of the same names and shapes. */
export function sameVariables({ body }: Network, one: string, another: string): boolean {
  const described = (part: string) =>
    body.store.of(part).map((given) => `${within(given, part)} [${given.variable.shape}]`);
  return String(described(one).sort()) === String(described(another).sort());
}

const within = ({ name }: NetworkVariable, part: string): string => name.slice(part.length);

async function copy(from: NetworkVariable, to: NetworkVariable): Promise<void> {
  assignStored(to.variable, await readVariable(from.variable), to.name, from.name);
}
