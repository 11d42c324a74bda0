import { assignStored, internals, type Network, type NetworkVariable, readVariable } from '../../network/index.ts';

/** Gives the variables of the same names the other network's values. */
export async function copyInto(to: Network, from: Network): Promise<void> {
  const variables = new Map(
    internals(to)
      .body.store.all()
      .map((variable) => [variable.name, variable]),
  );
  for (const variable of internals(from).body.store.all()) await copy(variable, variables.get(variable.name)!);
}

/** Gives the variables of one scope the values of another's; both have the same ones. */
export async function copyScope(network: Network, from: string, to: string): Promise<void> {
  const { body } = internals(network);
  const variables = new Map(body.store.of(to).map((variable) => [within(variable, to), variable]));
  for (const variable of body.store.of(from)) await copy(variable, variables.get(within(variable, from))!);
}

/** Says whether two scopes have variables of the same names and shapes. */
export function sameVariables(network: Network, first: string, second: string): boolean {
  const { body } = internals(network);
  const described = (scope: string) =>
    body.store.of(scope).map((variable) => `${within(variable, scope)} [${variable.tensor.shape}]`);
  return String(described(first).sort()) === String(described(second).sort());
}

/** A variable's name within its scope. */
const within = ({ name }: NetworkVariable, scope: string): string => name.slice(scope.length);

async function copy(from: NetworkVariable, to: NetworkVariable): Promise<void> {
  assignStored(to.tensor, await readVariable(from.tensor), to.name, from.name);
}
