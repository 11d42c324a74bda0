import type { NetworkBody } from '../../network/index.ts';

/** Holds the running statistics of a network as they are now: `restore` puts them back. Outside `tf.tidy` `dispose` frees them. */
export function holdStatistics({ store }: Pick<NetworkBody, 'store'>): { restore(): void; dispose(): void } {
  const held = store
    .all()
    .filter(({ trainable }) => !trainable)
    .map(({ tensor }) => ({ variable: tensor, value: tensor.clone() }));
  return {
    restore() {
      for (const { variable, value } of held) variable.assign(value);
    },
    dispose() {
      for (const { value } of held) value.dispose();
    },
  };
}
