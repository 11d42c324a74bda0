import { checkOptions, optionsOf } from '../../check.ts';
import { BanyanError } from '../../error.ts';
import type { Kind } from '../../kind/index.ts';
import type { HostTensor } from '../../runtime/index.ts';
import { countPlaces, type Method } from '../method.ts';

const schema = optionsOf('attention-rollout', {});

/**
 * Makes attention roll-out (Abnar and Zuidema 2020, section 3): the attention of each block, in the mean over its heads, half with what the
 * block passes on, multiplied through the trunk; of each token, how much the tokens at the end take of it, in the mean over these. It shows
 * where a trunk looks, which is the same for all outcomes, and nothing of what it makes of that. The values sum up to 1.
 */
export function attentionRollout(options: Readonly<Record<string, never>> = {}): Method {
  checkOptions('attentionRollout', schema, options);
  return {
    kind: 'attention-rollout',
    complete: false,
    alone: true,
    at: 'tokens',
    attribute: async (subject) => {
      const blocks = await subject.attention();
      if (blocks.length === 0) {
        throw new BanyanError(
          'argument',
          'attention-rollout: the trunk does not attend to its positions, expected blocks of attention, such as those of a transformer. Choose another method.',
        );
      }
      const { length } = await subject.blocks();
      if (blocks.length < length) {
        throw new BanyanError(
          'argument',
          `attention-rollout: ${length - blocks.length} of the ${length} blocks of the trunk do not attend, expected blocks of attention alone, since how others mix the positions is not seen. Choose another method.`,
        );
      }
      const taken = takenFrom(blocks);
      let from = 0;
      return subject.parts.map((part) => taken.slice(from, (from += countPlaces(part))));
    },
  };
}

/** How much the tokens at the end take of each token, in the mean. */
function takenFrom(blocks: readonly HostTensor[]): Float64Array {
  const positions = blocks[0]!.shape[1]!;
  let row = new Float64Array(positions).fill(1 / positions);
  // From the end back: a row times one matrix after the other.
  for (const { shape, values } of blocks.toReversed()) {
    const heads = shape[0]!;
    const before = new Float64Array(positions);
    for (let to = 0; to < positions; to++) {
      before[to]! += row[to]! / 2;
      for (let head = 0; head < heads; head++) {
        const start = (head * positions + to) * positions;
        for (let from = 0; from < positions; from++) {
          before[from]! += (row[to]! * (values[start + from]! as number)) / (2 * heads);
        }
      }
    }
    row = before;
  }
  return row;
}

/** `attentionRollout`, as files name it. */
export const attentionRolloutKind: Kind<Method, Readonly<Record<string, never>>> = {
  kind: 'attention-rollout',
  about:
    'How much the tokens at the end take of each token by attention; for transformers, and the same for all outcomes.',
  options: schema,
  build: attentionRollout,
};
