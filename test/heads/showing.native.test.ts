import { spectrogramStem } from 'banyan-ml/heads/audio';
import { tokenStem, wordVocabulary } from 'banyan-ml/heads/text';
import { classifier, patchStem } from 'banyan-ml/heads/vision';
import { describe, expect, it } from 'vitest';
import { demonstrating } from '../../heads/control/demonstration.ts';
import { lookAtObservations } from '../../heads/control/episodes.ts';
import type { Display, Head, HeadFactory, Stem, StemFactory } from '../../src/index.ts';
import type { RandomStream } from '../../src/plugin.ts';
import { NO_NETWORK } from '../../src/task/index.ts';
import { testContext } from '../../src/testing/test-context.ts';
import { Catch } from '../../tasks/catch/game.ts';
import { SpaceInvaders } from '../../tasks/space-invaders/game.ts';

/** What a stem shows of one example. */
function showing<I>(factory: StemFactory<I>, raw: I): Display {
  const { context, store } = testContext();
  try {
    return (factory(context) as Stem<I>).display!(raw);
  } finally {
    store.dispose();
  }
}

function colours(channels: number, raw: Float32Array | Uint8Array) {
  const [part] = showing(patchStem({ height: 1, width: 2, channels, patch: 1 }), raw);
  return part?.kind === 'picture' ? [...part.rgb] : undefined;
}

describe('a picture', () => {
  it('has its colours, one channel in grey, numbers from 0 to 1 as bytes', () => {
    expect(colours(1, Uint8Array.of(0, 200))).toEqual([0, 0, 0, 200, 200, 200]);
    expect(colours(1, Float32Array.of(0, 1))).toEqual([0, 0, 0, 255, 255, 255]);
    expect(colours(3, Uint8Array.of(1, 2, 3, 4, 5, 6))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(colours(2, Uint8Array.of(10, 20, 0, 100))).toEqual([15, 15, 15, 50, 50, 50]);
  });

  it('of other numbers spans what there is', () => {
    expect(colours(1, Float32Array.of(-1, 3))).toEqual([0, 0, 0, 255, 255, 255]);
  });
});

it('a sound is what the network hears, with its spectrogram: time to the right, high above', () => {
  const sampleRate = 8000;
  const stem = spectrogramStem({ sampleRate, seconds: 0.5, window: 200, hop: 100, fft: 256, mels: 40 });
  // A tone of 3 kHz in the first half, silence after it.
  const raw = Float32Array.from({ length: 4000 }, (_, i) =>
    i < 2000 ? 0.1 * Math.sin((2 * Math.PI * 3000 * i) / sampleRate) : 0,
  );
  const [sound, picture] = showing(stem, raw);
  if (sound?.kind !== 'sound' || picture?.kind !== 'picture') throw new Error('not a sound with a picture');
  expect(sound.samples).toHaveLength(4000);
  expect(Math.max(...sound.samples)).toBeCloseTo(1, 4);
  expect([picture.width, picture.height]).toEqual([40, 40]);
  const at = (row: number, column: number) => [
    ...picture.rgb.subarray(3 * (40 * row + column), 3 * (40 * row + column) + 3),
  ];
  const yellow = Array.from({ length: 40 }, (_, row) => row).filter((row) => at(row, 8)[0]! > 180);
  // 3 kHz is in the upper quarter of the mel scale up to 4 kHz.
  expect(yellow.length).toBeGreaterThan(0);
  for (const row of yellow) expect(row).toBeLessThan(10);
  expect(at(yellow[0]!, 35)).toEqual([68, 1, 84]);
});

it('a sentence is its words', () => {
  const stem = tokenStem({ vocabulary: wordVocabulary(['a b']), length: 4 });
  expect(showing(stem, 'A  b?')).toEqual([{ kind: 'words', text: 'A  b?' }]);
});

describe('a classifier says', () => {
  const say = (classes: number | readonly string[], target: number | undefined) => {
    const { context, store } = testContext();
    const head = (classifier({ classes }) as HeadFactory<number, unknown>)(context) as Head<number, unknown>;
    try {
      return head.explain!(head.decode(Float32Array.of(0, Math.log(3))), target);
    } finally {
      store.dispose();
    }
  };

  it('the name of the class, how sure it is, and whether it is right', () => {
    const [predicted, confidence] = ['alto sax', expect.closeTo(0.75)];
    expect(say(['banjo', 'alto_sax'], 1)).toEqual({ predicted, confidence, expected: 'alto sax', right: true });
    expect(say(['banjo', 'alto_sax'], 0)).toEqual({ predicted, confidence, expected: 'banjo', right: false });
    expect(say(2, undefined)).toEqual({ predicted: 'class 1', confidence });
  });
});

describe('a game', () => {
  const still = { action: 0, entropy: 0 };
  const context = { ...NO_NETWORK, predict: async () => [Float32Array.of(0)] };

  it('is a film of one episode, with its actions and what they bring', async () => {
    const options = {
      environment: () => new Catch(),
      task: 'catch',
      look: lookAtObservations,
      player: () => () => still,
      limit: 100,
      seed: 1,
    };
    const { display, words } = await demonstrating(options).demonstrate!(3, context);
    const [film] = display;
    if (film?.kind !== 'film') throw new Error('not a film');
    expect(film.frames).toHaveLength(8);
    expect(film.captions![0]).toBe('return 0, then left');
    expect(film.captions!.at(-1)).toBe(words.replace(' in 7 steps', ''));
    expect(new Set(film.frames.map(String)).size).toBe(8);
  });

  it('is cut where it goes on for long', async () => {
    class Endless extends Catch {
      override get terminated() {
        return false;
      }
      override step(): number {
        return 0.5;
      }
    }
    const options = {
      environment: () => new Endless(),
      task: 'catch',
      look: lookAtObservations,
      player: () => () => still,
      limit: 10_000,
      seed: 1,
    };
    const { display, words } = await demonstrating(options).demonstrate!(0, context);
    expect(words).toBe('return 200 in the first 400 steps');
    expect(display[0]?.kind === 'film' && display[0].frames.length).toBe(401);
  });

  it('that cannot be drawn is not shown', () => {
    const world = new Catch();
    const environment = () => Object.assign(Object.create(world), { draw: undefined }) as Catch;
    expect(
      demonstrating({
        environment,
        task: 'catch',
        look: lookAtObservations,
        player: () => () => still,
        limit: 1,
        seed: 1,
      }),
    ).toEqual({});
  });

  it('Space Invaders has a colour for the cannon, the fleet by its direction, and nothing else at first', () => {
    const world = new SpaceInvaders();
    world.reset();
    const { rgb } = world.draw();
    const counts = new Map<string, number>();
    for (let i = 0; i < 100; i++) {
      const colour = String([...rgb.subarray(3 * i, 3 * i + 3)]);
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    expect([...counts.values()].sort((a, b) => a - b)).toEqual([1, 24, 75]);
    const fleet = () => String([...world.draw().rgb.subarray(3 * 4, 3 * 4 + 3)]);
    const left = fleet();
    const random = { uniform: () => 1 } as unknown as RandomStream;
    while (fleet() === left || fleet() === '14,14,14') world.step(0, random);
    expect(fleet()).toBe('255,140,200');
  });
});
