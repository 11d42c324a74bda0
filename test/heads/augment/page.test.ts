import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { soundAugmentationKinds } from '../../../heads/audio/augment/kinds.ts';
import { imageAugmentationKinds } from '../../../heads/vision/augment/kinds.ts';
import { root } from '../../repository.ts';

const lines = readFileSync(join(root, 'docs/augmentation.md'), 'utf8').split('\n');

it.each([
  ['pictures', imageAugmentationKinds.kinds(), imageAugmentationKinds],
  ['sounds', soundAugmentationKinds.kinds(), soundAugmentationKinds],
] as const)(
  'the page of augmentations tells every kind of %s with its options and their defaults',
  (_, kinds, family) => {
    expect(kinds.length).toBeGreaterThan(5);
    for (const { kind } of kinds) {
      const { shape } = family.optionsOf(family.named(kind) as never);
      const told = Object.entries(shape).map(([name, leaf]) => `\`${name}\` (${z.parse(leaf, undefined)})`);
      const row = lines.filter((line) => line.startsWith(`| \`${kind}\`: \``));
      expect(
        row.some((line) => line.includes(`| ${told.join(', ')}`)),
        `${kind}: ${told.join(', ')}`,
      ).toBe(true);
    }
  },
);
