import { defineTask } from 'banyan-ml';
import { generatedSource, type RandomStream } from 'banyan-ml/data';
import * as text from 'banyan-ml/heads/text';

const people = ['anna', 'ben', 'clara', 'david', 'emma', 'felix'] as const;
const verbs = ['helped', 'called', 'followed', 'praised', 'visited', 'met'] as const;
const openings = ['', 'yesterday', 'this morning', 'in the end'] as const;
const closings = ['', 'at home', 'in the garden', 'after work'] as const;

const pick = <T>(random: RandomStream, list: readonly T[]): T => list[random.integer(list.length)]!;

/** Who did it to whom: the same words in another order have another answer. */
function tell(doer: number, random: RandomStream): string {
  const other = (doer + 1 + random.integer(people.length - 1)) % people.length;
  const [verb, opening, closing] = [pick(random, verbs), pick(random, openings), pick(random, closings)];
  const deed =
    random.integer(2) === 0
      ? `${people[doer]} ${verb} ${people[other]}`
      : `${people[other]} was ${verb} by ${people[doer]}`;
  return `${opening} ${deed} ${closing}`.trim();
}

export const sentencesSource = generatedSource({
  name: 'sentences',
  description: 'Generated sentences, active and passive: who of six did it is told by the order of the words alone',
  counts: { training: 4000, validation: 500, test: 1000 },
  make: (random) => {
    const target = random.integer(people.length);
    return { input: tell(target, random), target };
  },
});

/** Who did the deed that a generated sentence tells of. */
export const sentences = defineTask({
  name: 'sentences',
  stem: text.tokenStem({
    vocabulary: () => text.wordVocabulary([...people, ...verbs, ...openings, ...closings, 'was by']),
    length: 12,
    dropout: 0,
    wordDropout: 0,
  }),
  head: text.classifier({ classes: people }),
  source: sentencesSource,
});
