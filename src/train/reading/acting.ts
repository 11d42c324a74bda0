import { BanyanError } from '../../error.ts';
import type { Source, SourceContext } from '../../task/source.ts';

/** What a source may do with the network; `assertOpen` throws once it may not any more. */
export interface Acting {
  readonly predict: SourceContext['predict'];
  snapshot(name: string, assertOpen: () => void): Promise<void>;
}

/** Lets a source act until the training that reads it has ended. */
export function actingUntil(ended: AbortSignal, acting: Acting): Pick<SourceContext, 'predict' | 'snapshot'> {
  const assertOpen = () => {
    if (ended.aborted)
      throw new BanyanError(
        'busy',
        'The training that reads this source has ended. Expected no further use of its network. Let read() fail.',
      );
  };
  return {
    predict: async (...request) => {
      assertOpen();
      return acting.predict(...request);
    },
    snapshot: async (name) => {
      assertOpen();
      return acting.snapshot(name, assertOpen);
    },
  };
}

/** Refuses to let a source act that is read while updates run. */
export function refusing(
  task: string,
  { lockStep }: Pick<Source<unknown, unknown>, 'lockStep'>,
): Pick<SourceContext, 'predict' | 'snapshot'> {
  const refuse = async () => {
    throw new BanyanError(
      'data',
      lockStep === true
        ? `The source of task "${task}" said that it was ready, and uses the network. Expected examples that need none. Let its ready() return false until read() needs no prediction.`
        : `The source of task "${task}" uses the network and does not say so. Expected \`lockStep: true\`. Add it.`,
    );
  };
  return { predict: refuse, snapshot: refuse };
}
