import type { WeightMap } from '../map.ts';

/**
 * The names of ViT's weights (Dosovitskiy et al. 2021) as Hugging Face's transformers writes them, for `patchStem` with `classToken` and
 * an `encoder` with `norm: 'pre'`.
 */
export function vitMap(names: readonly string[]): WeightMap {
  const prefix = names.some((name) => name.startsWith('vit.')) ? 'vit.' : '';
  const block = `${prefix}encoder.layer.*`;
  const embeddings = `${prefix}embeddings`;
  const projections = (kind: string) =>
    ['query', 'key', 'value'].map((of) => `${block}.attention.attention.${of}.${kind}`);
  return {
    weights: {
      'stem/class': `${embeddings}.cls_token`,
      'stem/positions': `${embeddings}.position_embeddings`,
      'stem/patch/kernel': `${embeddings}.patch_embeddings.projection.weight`,
      'stem/patch/bias': `${embeddings}.patch_embeddings.projection.bias`,
      'trunk/block-*/norm-1/gain': `${block}.layernorm_before.weight`,
      'trunk/block-*/norm-1/bias': `${block}.layernorm_before.bias`,
      'trunk/block-*/attention/query-key-value/kernel': projections('weight'),
      'trunk/block-*/attention/query-key-value/bias': projections('bias'),
      'trunk/block-*/attention/output/kernel': `${block}.attention.output.dense.weight`,
      'trunk/block-*/attention/output/bias': `${block}.attention.output.dense.bias`,
      'trunk/block-*/norm-2/gain': `${block}.layernorm_after.weight`,
      'trunk/block-*/norm-2/bias': `${block}.layernorm_after.bias`,
      'trunk/block-*/dense-1/kernel': `${block}.intermediate.dense.weight`,
      'trunk/block-*/dense-1/bias': `${block}.intermediate.dense.bias`,
      'trunk/block-*/dense-2/kernel': `${block}.output.dense.weight`,
      'trunk/block-*/dense-2/bias': `${block}.output.dense.bias`,
      'trunk/finish/norm/gain': `${prefix}layernorm.weight`,
      'trunk/finish/norm/bias': `${prefix}layernorm.bias`,
    },
    ignore: [`${prefix}pooler.*`, `${embeddings}.mask_token`, 'classifier.*'],
  };
}
