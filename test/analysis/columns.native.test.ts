import { describe, expect, it } from 'vitest';
import { measureColumns, partCosts } from '../../src/analysis/columns.ts';
import {
  convTrunk,
  createNetwork,
  defineTask,
  denseTrunk,
  type HeadContext,
  type Network,
  type StemContext,
  startRuntime,
  type Trunk,
  transformerTrunk,
} from '../../src/index.ts';
import { NumberHead, NumbersStem, numbersSource, numbersTask } from '../fixtures.ts';

const { compiled } = await startRuntime();
const [inputs, width, narrow, positions, kernel] = [4, 8, 6, 5, 3];

/** A task of several tokens. */
const sequenceTask = (name: string) =>
  defineTask({
    name,
    stem: (context: StemContext) => {
      const stem = new NumbersStem(context);
      const forward: typeof stem.forward = (batch, call) =>
        NumbersStem.prototype.forward.call(stem, batch, call).tile([1, positions, 1]);
      return Object.assign(stem, { forward });
    },
    head: (context: HeadContext) => new NumberHead(context),
    source: numbersSource((x) => x[0]!),
  });

async function grown(first: Trunk, second: Trunk, laterals: 'nonlinear' | 'linear'): Promise<Network> {
  const network = await createNetwork({ trunk: first, tasks: [sequenceTask('old')] });
  await network.addColumn({ tasks: [sequenceTask('new')], trunk: second, laterals });
  return network;
}

describe.skipIf(!compiled)('multiply-adds', () => {
  it('are those of the formulas, by part', async () => {
    const network = await grown(
      transformerTrunk({ width, depth: 2, heads: 2 }),
      convTrunk({ width: narrow, depth: 2, kernel }),
      'nonlinear',
    );
    // Four projections, two dense layers of four times the width, and each position with each other, twice.
    const transformer = positions * (4 + 8) * width * width + 2 * positions * positions * width;
    expect(await partCosts(network, 'old')).toEqual(
      new Map([
        ['stem/old', inputs * width],
        ['column-0/block-0', transformer],
        ['column-0/block-1', transformer],
        ['head/old', width],
      ]),
    );
    const conv = positions * (kernel * narrow + narrow * narrow);
    const lateral = positions * (width * narrow + narrow * narrow);
    expect(await partCosts(network, 'new')).toEqual(
      new Map([
        ['stem/new', inputs * narrow],
        ['stem/old', inputs * width],
        ['column-0/block-0', transformer],
        ['column-1/block-0', conv],
        ['column-1/lateral-1', lateral],
        ['column-1/block-1', conv],
        ['head/new', narrow],
      ]),
    );
    const { columns } = await measureColumns(network);
    expect(columns.map(({ multiplyAdds }) => multiplyAdds)).toEqual([
      { own: 2 * transformer, lateral: 0, prediction: inputs * width + 2 * transformer + width },
      {
        own: 2 * conv,
        lateral,
        prediction: inputs * (narrow + width) + transformer + 2 * conv + lateral + narrow,
      },
    ]);
    network.dispose();
  });

  it('of dense blocks and linear adapters likewise', async () => {
    const dense = denseTrunk({ width, depth: 2 });
    const network = await grown(dense, dense, 'linear');
    const costs = (await partCosts(network, 'new'))!;
    for (const part of ['column-1/block-1', 'column-1/lateral-1', 'column-0/block-0'])
      expect([part, costs.get(part)]).toEqual([part, positions * width * width]);
    network.dispose();
  });
});

describe('measureColumns', () => {
  it('tells of the tasks of later columns, and of the only column', async () => {
    const trunk = denseTrunk({ width, depth: 2 });
    const network = await createNetwork({ trunk, tasks: [numbersTask('a')] });
    const alone = await measureColumns(network);
    expect(alone.sensitivities).toMatchObject([{ task: 'a', column: 0, fisher: [[1, 1]] }]);
    await network.addColumn({ tasks: [numbersTask('b'), numbersTask('c')] });
    await network.addColumn({ tasks: [numbersTask('d')] });
    const { columns, sensitivities } = await measureColumns(network);
    expect(columns.map(({ tasks, frozen }) => [tasks, frozen])).toEqual([
      [['a'], true],
      [['b', 'c'], true],
      [['d'], false],
    ]);
    expect(sensitivities.map(({ task, column }) => [task, column])).toEqual([
      ['b', 1],
      ['c', 1],
      ['d', 2],
    ]);
    network.dispose();
  });
});
