import type { WeightMap } from '../map.ts';

const HEADS = ['cls.*', 'classifier.*', 'qa_outputs.*'];

/**
 * The names of BERT's weights (Devlin et al. 2019) as Hugging Face's transformers writes them, for `wordPieceStem` and an `encoder` with
 * `norm: 'post'`. Files of before 2021 call gain and bias of a normalisation gamma and beta.
 */
export function bertMap(names: readonly string[]): WeightMap {
  const prefix = names.some((name) => name.startsWith('bert.')) ? 'bert.' : '';
  const [gain, bias] = names.some((name) => name.endsWith('LayerNorm.gamma')) ? ['gamma', 'beta'] : ['weight', 'bias'];
  const block = `${prefix}encoder.layer.*`;
  const embeddings = `${prefix}embeddings`;
  const projections = (kind: string) => ['query', 'key', 'value'].map((of) => `${block}.attention.self.${of}.${kind}`);
  return {
    weights: {
      'stem/embedding': `${embeddings}.word_embeddings.weight`,
      'stem/types': `${embeddings}.token_type_embeddings.weight`,
      'stem/positions': { firstRowsOf: `${embeddings}.position_embeddings.weight` },
      'stem/norm/gain': `${embeddings}.LayerNorm.${gain}`,
      'stem/norm/bias': `${embeddings}.LayerNorm.${bias}`,
      'trunk/block-*/attention/query-key-value/kernel': projections('weight'),
      'trunk/block-*/attention/query-key-value/bias': projections('bias'),
      'trunk/block-*/attention/output/kernel': `${block}.attention.output.dense.weight`,
      'trunk/block-*/attention/output/bias': `${block}.attention.output.dense.bias`,
      'trunk/block-*/norm-1/gain': `${block}.attention.output.LayerNorm.${gain}`,
      'trunk/block-*/norm-1/bias': `${block}.attention.output.LayerNorm.${bias}`,
      'trunk/block-*/dense-1/kernel': `${block}.intermediate.dense.weight`,
      'trunk/block-*/dense-1/bias': `${block}.intermediate.dense.bias`,
      'trunk/block-*/dense-2/kernel': `${block}.output.dense.weight`,
      'trunk/block-*/dense-2/bias': `${block}.output.dense.bias`,
      'trunk/block-*/norm-2/gain': `${block}.output.LayerNorm.${gain}`,
      'trunk/block-*/norm-2/bias': `${block}.output.LayerNorm.${bias}`,
    },
    // What stands on top of a BERT is another task's, and the pooler the next sentence's.
    ignore: [`${prefix}pooler.*`, `${embeddings}.position_ids`, ...HEADS],
  };
}
