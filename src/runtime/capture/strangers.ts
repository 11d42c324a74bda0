import * as tf from '@tensorflow/tfjs';
import { BanyanError } from '../../error.ts';
import { where } from './fault.ts';

/** The methods of tfjs's engine that a variable passes through. */
interface Hooks {
  runKernel?(name: string, inputs: object, attributes?: object): unknown;
  makeVariable?(...parameters: unknown[]): unknown;
  readSync?(data: object): unknown;
  read?(data: object): unknown;
}

/**
 * Runs what plugins compute over a network's variables, and finds others that are read, assigned or made there: nothing would
 * train or save them, and in a graph their numbers would freeze.
 * @throws BanyanError `plugin` with the part that does it, also where that has caught it.
 */
export function withoutStrangers<T>(variables: readonly tf.Variable[], work: () => T): T {
  const engine = tf.engine() as unknown as Hooks;
  const { runKernel, readSync, read } = engine as Required<Hooks>;
  const ours = new Set<unknown>(variables);
  const strangers = Object.values(tf.engine().registeredVariables).filter((variable) => !ours.has(variable));
  const before = strangers.map(({ dataId }) => dataId);
  let fault: BanyanError | undefined;
  const fail = (shape: readonly number[], is: string) => (fault ??= foreign(shape, is));
  const assertOwn = (data: object) => {
    const stranger = strangers.find(({ dataId }) => dataId === data);
    if (stranger !== undefined && !variables.some(({ dataId }) => dataId === data)) throw fail(stranger.shape, 'read');
  };
  engine.runKernel = (name, inputs, attributes) => {
    const stranger = Object.values(inputs).find((input) => input instanceof tf.Variable && !ours.has(input));
    if (stranger !== undefined) throw fail(stranger.shape, 'read');
    return runKernel.call(engine, name, inputs, attributes);
  };
  engine.makeVariable = (...parameters) => {
    throw fail((parameters[0] as tf.Tensor).shape, 'made');
  };
  engine.readSync = (data) => {
    assertOwn(data);
    return readSync.call(engine, data);
  };
  engine.read = (data) => {
    assertOwn(data);
    return read.call(engine, data);
  };
  try {
    const result = work();
    const assigned = strangers.find(({ dataId }, i) => dataId !== before[i]);
    if (assigned !== undefined) fail(assigned.shape, 'assigned');
    if (fault !== undefined) throw fault;
    return result;
  } catch (error) {
    throw fault ?? error;
  } finally {
    // Back to the methods of its class.
    for (const hook of ['runKernel', 'makeVariable', 'readSync', 'read'] as const) delete engine[hook];
  }
}

const foreign = (shape: readonly number[], is: string) =>
  new BanyanError(
    'plugin',
    `${where()}a tf.Variable of shape [${shape.join(', ')}] that is not the network's is ${is} inside, expected the network's own: others are neither trained nor saved. Make weights with \`context.variable\` when the stem, block or head is built, wrap a tf.layers model with \`fromLayers\`, and let numbers that never change be plain tensors.`,
  );
