import * as tf from '@tensorflow/tfjs';
import { createNetwork, defineTask, denseTrunk, startRuntime, train } from 'banyan-ml';
import { generatedSource } from 'banyan-ml/data';
import { balancedWeights, classifier, vectorStem } from 'banyan-ml/heads/table';
import { runHeadContract } from 'banyan-ml/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeContexts, freshContext } from './fresh-context.ts';

beforeAll(async () => {
  await startRuntime();
});
afterEach(freeContexts);

const lossOf = (options: Parameters<typeof classifier>[0], probabilities: readonly number[], target: number) => {
  const head = classifier(options)(freshContext());
  return tf.tidy(
    () => head.loss(tf.tensor2d([probabilities.map(Math.log)]), tf.tensor1d([target], 'int32')).dataSync()[0],
  );
};

describe('classifier', () => {
  it('keeps the contract of a head by each loss', async () => {
    await runHeadContract(classifier({ classes: 3, loss: 'focal' }), { targets: [0, 2] });
    const classWeights = () => balancedWeights([1, 2, 3]);
    await runHeadContract(classifier({ classes: 3, classWeights, labelSmoothing: 0.1 }), { targets: [0, 2] });
  });

  it('has the focal loss, with weights too', () => {
    expect(lossOf({ classes: 2, loss: 'focal' }, [0.75, 0.25], 0)).toBeCloseTo(-(0.25 ** 2) * Math.log(0.75), 6);
    expect(lossOf({ classes: 2, loss: 'focal', classWeights: [2, 1] }, [0.75, 0.25], 0)).toBeCloseTo(
      -2 * 0.25 ** 2 * Math.log(0.75),
      6,
    );
    const sharper = { kind: 'focal', gamma: 3 } as const;
    expect(lossOf({ classes: 2, loss: sharper }, [0.75, 0.25], 0)).toBeCloseTo(-(0.25 ** 3) * Math.log(0.75), 6);
    expect(classifier({ classes: 4, loss: sharper })(freshContext()).initialLoss).toBeCloseTo(
      0.75 ** 3 * Math.log(4),
      12,
    );
    expect(() => classifier({ classes: 2, loss: { kind: 'focal', gamma: -1 } })).toThrow('gamma must be a number >= 0');
    const { initialLoss } = classifier({ classes: 4, loss: 'focal' })(freshContext());
    expect(initialLoss).toBeCloseTo(0.75 ** 2 * Math.log(4), 12);
  });

  it('makes its weights once, and takes the saved ones instead', () => {
    const options = { classes: 2, classWeights: () => [3, 1] };
    expect(lossOf(options, [0.5, 0.5], 0)).toBeCloseTo(3 * Math.log(2), 6);
    const context = { ...freshContext(), asset: () => [5, 1] as never };
    const head = classifier({ ...options, classWeights: () => expect.fail('there is no data here') })(context);
    const loss = tf.tidy(() => head.loss(tf.zeros([1, 2]), tf.tensor1d([0], 'int32')).dataSync()[0]);
    expect(loss).toBeCloseTo(5 * Math.log(2), 6);
  });

  it('says which option is wrong', () => {
    expect(() => classifier({ classes: 2, loss: 'hinge' as never })).toThrow(
      'classifier: loss must be one of "cross-entropy", "focal", received "hinge".',
    );
    expect(() => classifier({ classes: 2, loss: 'focal', labelSmoothing: 0.1 })).toThrow(
      'classifier: labelSmoothing is 0.1 with the loss focal, which has none. Leave out one of them.',
    );
    expect(() => classifier({ classes: 2, labelSmoothing: 1 })).toThrow('labelSmoothing must be');
    expect(() => classifier({ classes: 3, classWeights: [1, 2] })).toThrow(
      'classifier: 2 classWeights for 3 classes, expected 3. Give one weight per class.',
    );
    expect(() => classifier({ classes: 3, classWeights: () => [1, 2] })(freshContext())).toThrow(
      'classifier: 2 classWeights for 3 classes',
    );
  });

  it('finds a rare class by balanced weights that it would else leave out', async () => {
    // One of thirty is of class 1, and lies among the others.
    const foundBy = async (classWeights?: () => readonly number[]) => {
      const task = defineTask({
        name: 'rare',
        stem: vectorStem({ size: 1 }),
        head: classifier({ classes: 2, ...(classWeights === undefined ? {} : { classWeights }) }),
        source: generatedSource<readonly number[], number>({
          name: 'rare',
          counts: { training: Number.POSITIVE_INFINITY, validation: 0, test: 0 },
          make: (random) => {
            const target = Number(random.integer(30) === 0);
            return { input: [1.5 * target + random.normal()], target };
          },
        }),
      });
      const network = await createNetwork({ trunk: denseTrunk({ width: 16, depth: 1 }), tasks: [task], seed: 1 });
      await lastValueFrom(train(network, { steps: 200, batch: 64, seed: 1 }));
      const found = (await network.predict(task, [[2], [-1]])).map((prediction) => prediction.class);
      network.dispose();
      return found;
    };
    expect(await foundBy()).toEqual([0, 0]);
    expect(await foundBy(() => balancedWeights([29, 1]))).toEqual([1, 0]);
  });
});

describe('balancedWeights', () => {
  it('gives what compute_class_weight of scikit-learn 1.9.1 gives', () => {
    const weights = balancedWeights([5, 2, 13]);
    for (const [i, weight] of [1.3333333333333333, 3.3333333333333335, 0.5128205128205128].entries())
      expect(weights[i]).toBeCloseTo(weight, 12);
  });

  it('gives a class that never occurs the weight of one that occurs once', () => {
    expect(balancedWeights([4, 0])).toEqual([0.5, 2]);
  });

  it('says which counts are wrong', () => {
    for (const counts of [[0, 0], [-1, 3], [1.5, 2], []])
      expect(() => balancedWeights(counts)).toThrow(
        `balancedWeights: expected how often each class occurs, whole numbers of which one is above 0, received [${counts.join(', ')}]. Count the labels of the training split.`,
      );
  });
});
