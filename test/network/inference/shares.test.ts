import { describe, expect, it } from 'vitest';
import { gathered, type Inferred, type Measurers } from '../../../src/network/inference/shares.ts';

const inferred = (targets: readonly unknown[]): Inferred => ({
  targets,
  tasks: [
    {
      losses: Float32Array.of(0.5, Number.NaN),
      nats: [[1.5, 2]],
      samples: [Float32Array.of(1, 2), { mask: Float32Array.of(3) }],
      measured: Float32Array.of(1, 0),
    },
  ],
});

/** What the chief gets of a batch that it inferred, and of one that the other did. */
async function shared(own: Inferred, others: Inferred | undefined) {
  const team = (index: number, bytes: readonly Uint8Array[]): Measurers & { readonly sent: Uint8Array[] } => {
    const sent: Uint8Array[] = [];
    const gatherBytes = async (given: Uint8Array) => {
      sent.push(given);
      return bytes;
    };
    return { index, size: 2, isChief: index === 0, gatherBytes, share: async (data) => data, sent };
  };
  const other = team(1, []);
  expect(await gathered(other, others)).toEqual([]);
  const chief = team(0, [new Uint8Array(0), other.sent[0]!]);
  const all = await gathered(chief, own);
  // Nobody needs it.
  expect(chief.sent[0]).toHaveLength(0);
  return all;
}

class Place {
  readonly row = 3;
  next() {
    return this.row + 1;
  }
}

describe('a measurement that is shared', () => {
  it('brings the chief what the others made of their batches', async () => {
    const [own, other] = [inferred([1, undefined]), inferred([{ row: [1, -0] }, Float32Array.of(7)])];
    expect(await shared(own, other)).toEqual([own, other]);
    expect(await shared(own, undefined)).toEqual([own, undefined]);
    expect(await gathered(undefined, own)).toEqual([own]);
  });

  it.each([
    ['lose their kind', [new Place()]],
    ['are functions', [() => 1]],
  ])('leaves targets to the chief that %s on the way', async (_, targets) => {
    const [, other] = await shared(inferred([1]), inferred(targets));
    expect(other!.targets).toBeUndefined();
    expect(other!.tasks).toEqual(inferred(targets).tasks);
  });
});
