import { join } from 'node:path';
import { BanyanError } from 'banyan-ml';
import { readCsv, readWav, type Split, type StoredSet } from 'banyan-ml/data';
import { RandomStream } from 'banyan-ml/plugin';
import { hearing, splitOfRecording } from '../digit-recordings.ts';
import { whole } from '../labelled-sounds.ts';

const SAMPLE_RATE = hearing.sampleRate;
export const SECONDS = 4;
export const DIGIT_NAMES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;

/** Strings of digits in each split: as many as one likes can be put together. */
const COUNTS: Readonly<Record<Split, number>> = { training: 20_000, validation: 300, test: 600 };
/** A string has from 3 to 5 digits. */
const [FEWEST, MOST] = [3, 5];
/** Between two digits there is silence of 50 to 200 ms. */
const [SHORTEST_PAUSE, LONGEST_PAUSE] = [0.05, 0.2];
/** So many strings are drawn for one that fits. */
const ATTEMPTS = 1000;

interface Recording {
  readonly file: string;
  readonly digit: number;
}

/** The recordings of each speaker in each split. */
type Speakers = Readonly<Record<Split, ReadonlyMap<string, readonly Recording[]>>>;

/**
 * Opens strings of spoken digits: recordings of one speaker with silence between them, and the words that are said. Recordings 0 to 4 of each
 * speaker and digit are in the test alone, and those whose number ends with 9 validate. Example i of a split is always the same.
 */
export function openConnectedDigits(folder: string): StoredSet<Float32Array, string> {
  const speakers = readSpeakers(folder);
  const samplesOf = new Map<string, Float32Array>();
  const read = ({ file }: Recording) => {
    const samples = samplesOf.get(file) ?? readSamples(join(folder, file));
    samplesOf.set(file, samples);
    return samples;
  };
  return {
    counts: COUNTS,
    example: (split, index) => {
      const random = new RandomStream(0, `connected-digits/${split}/${index}`);
      const all = [...speakers[split].values()];
      const recordings = all[random.integer(all.length)]!;
      // Of strings that do not fit, as a slow speaker's five digits, another is drawn.
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const count = FEWEST + random.integer(MOST - FEWEST + 1);
        const said = Array.from({ length: count }, () => recordings[random.integer(recordings.length)]!);
        const pauses = said.slice(1).map(() => {
          const seconds = SHORTEST_PAUSE + random.uniform() * (LONGEST_PAUSE - SHORTEST_PAUSE);
          return Math.round(seconds * SAMPLE_RATE);
        });
        const input = joined(said.map(read), pauses);
        if (input.length > SECONDS * SAMPLE_RATE) continue;
        return { input, target: said.map(({ digit }) => DIGIT_NAMES[digit]).join(' ') };
      }
      throw new BanyanError(
        'data',
        `${folder}: expected recordings of which ${FEWEST} fit into ${SECONDS} s, received longer ones of one speaker, such as ${recordings[0]!.file}. Fetch the set again.`,
      );
    },
  };
}

function readSpeakers(folder: string): Speakers {
  const table = join(folder, 'labels.csv');
  const speakers: Record<Split, Map<string, Recording[]>> = {
    training: new Map(),
    validation: new Map(),
    test: new Map(),
  };
  for (const { line, values } of readCsv(table, { columns: ['file', 'digit', 'speaker', 'index'] })) {
    const [digit, index] = [whole(values.digit), whole(values.index)];
    if (digit === undefined || digit >= DIGIT_NAMES.length || index === undefined) {
      throw new BanyanError(
        'data',
        `${table}, line ${line}: expected a digit and the number of a recording, received "${values.digit}" and "${values.index}". Correct the row.`,
      );
    }
    const split = speakers[splitOfRecording(index)];
    split.set(values.speaker, [...(split.get(values.speaker) ?? []), { file: values.file, digit }]);
  }
  return speakers;
}

function readSamples(path: string): Float32Array {
  const { samples, sampleRate } = readWav(path);
  if (sampleRate === SAMPLE_RATE) return samples;
  throw new BanyanError(
    'data',
    `${path}, byte 24: expected ${SAMPLE_RATE} samples a second, received ${sampleRate}. Fetch the file again.`,
  );
}

/** Puts sounds one after the other, with so many samples of silence after each but the last. */
function joined(sounds: readonly Float32Array[], pauses: readonly number[]): Float32Array {
  const length = [...sounds.map((sound) => sound.length), ...pauses].reduce((a, b) => a + b, 0);
  const result = new Float32Array(length);
  let at = 0;
  for (const [i, sound] of sounds.entries()) {
    result.set(sound, at);
    at += sound.length + (pauses[i] ?? 0);
  }
  return result;
}
