import { expect, it } from 'vitest';
import { temporaryFolder } from '../repository.ts';
import { flipBits, fuzzManifest, fuzzSafetensors } from './fuzz.ts';

const place = temporaryFolder();

it('a bit that flips in a manifest is noticed', async () => {
  expect(await flipBits(13, place)).toBeGreaterThan(200);
});

it('safetensors with anything wrong are refused, or are what they say', () => fuzzSafetensors(300));
it('manifests with anything wrong are refused, or are what they say', () => fuzzManifest(300, place));
