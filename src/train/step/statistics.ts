import type { NetworkBody } from '../../network/index.ts';

/** The running statistics of a network as they are now: `restore` puts them back. Outside `tf.tidy` `dispose` frees the values. */
export function holdStatistics(body: NetworkBody): { restore(): void; dispose(): void } {
  const held = body.store
    .all()
    .filter(({ trainable }) => !trainable)
    .map(({ variable }) => ({ variable, value: variable.clone() }));
  return {
    restore() {
      for (const { variable, value } of held) variable.assign(value);
    },
    dispose() {
      for (const { value } of held) value.dispose();
    },
  };
}
