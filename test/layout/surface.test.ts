import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesIn, root } from '../repository.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { source: string; types: string; default: string } | string>;
};

describe('the exports map', () => {
  const entries = Object.entries(manifest.exports).flatMap(([name, entry]) =>
    typeof entry === 'string' ? [] : [{ name, ...entry }],
  );

  it.each(entries)('$name: source, types and build are the same file', ({ source, types, default: built }) => {
    expect(existsSync(join(root, source))).toBe(true);
    expect(types).toBe(source.replace(/^\.\/(.*)\.ts$/, './dist/$1.d.ts'));
    expect(built).toBe(source.replace(/^\.\/(.*)\.ts$/, './dist/$1.js'));
  });

  it('is what the architecture page lists', () => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    for (const { name } of entries) expect(page).toContain(`\`banyan-ml${name.slice(1)}\``);
  });

  it('lets no room out by a star', () => {
    // A list of built-in kinds names each of them.
    for (const index of filesIn('src', /(index|built-in)\.ts$/)) {
      const stars = readFileSync(join(root, index), 'utf8').match(/^export \* from(?! '\.\/built-in\.ts')/gm);
      expect(stars, index).toBeNull();
    }
  });
});

/** The values that a file exports by name; types are no values. */
function valuesOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const lists = [...text.matchAll(/^export \{([^}]*)\} from/gm)].flatMap(([, names]) => names!.split(','));
  const names = lists.map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type '));
  return names.map((name) => name.split(' as ').at(-1)!);
}

describe('what leaves the house', () => {
  it('is, by the main door, what a program calls', () => {
    expect(valuesOf('src/index.ts').sort()).toEqual([
      'BanyanError',
      'Network',
      'absoluteError',
      'accuracy',
      'adafactor',
      'adagrad',
      'adam',
      'adamW',
      'auroc',
      'averagePrecision',
      'binaryCrossEntropy',
      'binaryFocal',
      'blankPadding',
      'bleu',
      'bracketF1',
      'branching',
      'calibrationError',
      'cgc',
      'characterErrorRate',
      'checkpointAverage',
      'clusterFromEnvironment',
      'constantSchedule',
      'convTrunk',
      'corn',
      'cosineSchedule',
      'createNetwork',
      'crossEntropy',
      'crossStitch',
      'csvLogger',
      'ctc',
      'defineTask',
      'denseTrunk',
      'dice',
      'distilled',
      'dselectK',
      'encoderTrunk',
      'errorRate',
      'evaluate',
      'exactMatch',
      'exponentialAverage',
      'exponentialSchedule',
      'f1',
      'findRate',
      'focal',
      'gallery',
      'gaussianLikelihood',
      'huber',
      'infoNce',
      'inverseSqrt',
      'lamb',
      'linearBaseline',
      'linearSchedule',
      'lion',
      'loadWeights',
      'logLoss',
      'logTraining',
      'macroF1',
      'majorityBaseline',
      'matthews',
      'meanAbsoluteError',
      'meanBaseline',
      'meanIou',
      'mlflowLogger',
      'mmoe',
      'mtan',
      'multiModelTrunk',
      'multiStep',
      'muon',
      'oneCycle',
      'pearson',
      'perplexity',
      'ple',
      'polynomialSchedule',
      'precision',
      'rSquared',
      'recall',
      'reduceOnPlateau',
      'resume',
      'rmse',
      'rmsprop',
      'routing',
      'runPage',
      'scheduleFreeAdamW',
      'sequenceCrossEntropy',
      'sgd',
      'spanF1',
      'spearman',
      'squaredError',
      'stackedTrunk',
      'startRuntime',
      'stepSchedule',
      'stepper',
      'stochasticAverage',
      'taskPlugin',
      'tensorBoardLogger',
      'topKAccuracy',
      'train',
      'transformerTrunk',
      'warmupCosine',
      'watch',
      'wordErrorRate',
    ]);
  });

  it('leaves by one door', () => {
    const doors = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry !== 'string' && entry.source.startsWith('./src/') ? [entry.source] : [],
    );
    expect(doors.length).toBeGreaterThan(5);
    const values = doors.flatMap(valuesOf);
    expect(values.filter((name, i) => values.indexOf(name) !== i)).toEqual([]);
  });
});
