import { testContext } from '../../src/testing/test-context.ts';

const stores: { dispose(): void }[] = [];

/** A context in which a stem or head is built alone; `freeContexts` frees its variables. */
export function freshContext() {
  const { context, store } = testContext();
  stores.push(store);
  return context;
}

/** Frees the variables of all contexts: a test file gives it to `afterEach`. */
export function freeContexts(): void {
  for (const store of stores.splice(0)) store.dispose();
}
