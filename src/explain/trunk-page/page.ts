import { page, plot, type Section } from '../../report/index.ts';
import type { Display } from '../../task/display.ts';
import { gridSvg } from '../draw/grid.ts';
import { enlarged } from '../draw/overlay.ts';
import { COLOURS, exampleSection } from '../draw/page.ts';
import { figure, pictureSvg } from '../draw/svg.ts';
import { influenceSpec, probeSpec } from './charts.ts';
import type { ComparedTrunks, TracedInfluence, TrunkExplanation } from './explanation.ts';
import { sharesSvg } from './shares-svg.ts';

/** So many training examples are shown of those that helped most, and of those that hurt most. */
export const SHOWN = 3;

const TEXTS = {
  probes:
    'A linear classifier reads the labels of a task off the trunk, after each block, and is measured on examples that it did not learn from. What it tells of shuffled labels too (dashed), or of a random network, is not what training put there. That labels can be read does not say that the network uses them.',
  similarities:
    'How alike two trunks are on the same examples, depth by depth: linear CKA, 1 where one is the other turned and scaled. Beside it the same with the examples of the second trunk shuffled: what is no higher than that is chance.',
  units:
    'The share of each task in the squared gradients of each unit, the units in the order of the first task. The number says how unequally they are shared: 0 where every unit is everybody’s, with two tasks 0.5 where each is one task’s alone. Where shuffled labels give the same picture, it is not what the tasks have learned.',
  influences:
    'By how much learning from a training example lowers the loss of one held-out example, through the trunk alone, summed over the checkpoints that are there times their learning rates (TracIn). The grey band holds 95 in 100 training examples with the labels of others: within it nothing can be told. How alike the order of the examples is at random weights stands over each table: near 1, it tells of the examples and not of what was learned. The sum follows plain gradient descent, and examples with large gradients come out large whatever the example.',
};

/** Makes a page of what a trunk makes of examples, and of what its tasks share of it. */
export async function trunkPage(title: string, found: TrunkExplanation): Promise<string> {
  const { probes, similarities, units, maps, influences, notes } = found;
  const sections: Section[] = [];
  if (probes.length > 0) {
    const pictures: string[] = [];
    for (const probed of probes) pictures.push(await plot(probeSpec(probed)));
    sections.push({ title: 'What can be read off the trunk, by depth', text: TEXTS.probes, pictures });
  }
  if (similarities.length > 0) {
    const pictures = similarities.flatMap(similaritySvgs);
    sections.push({ title: 'Do trunks make the same of the same examples?', text: TEXTS.similarities, pictures });
  }
  if (units !== undefined) {
    const pictures = units.blocks.map((block) => sharesSvg(block, units.tasks));
    sections.push({ title: 'Whose are the units?', text: TEXTS.units, pictures });
  }
  for (const [i, map] of maps.entries()) {
    const section = exampleSection(map);
    const text = i === 0 ? `${COLOURS} ${section.text}` : section.text!;
    sections.push({ ...section, text, title: `Which part of ${map.name} serves which task?` });
  }
  for (const [i, influence] of influences.entries()) {
    const section = await influenceSection(influence);
    sections.push(i === 0 ? { ...section, text: TEXTS.influences } : section);
  }
  if (notes.length > 0) sections.push({ title: 'What is left out', text: notes.join(' ') });
  return page(title, sections);
}

const depthsOf = (trunk: string, number: number): readonly string[] =>
  Array.from({ length: number }, (_, depth) => `${trunk} ${depth}`);

function similaritySvgs({ task, first, second, similarity, control }: ComparedTrunks): readonly string[] {
  const draw = (values: readonly (readonly number[])[], caption: string) =>
    gridSvg(
      {
        rows: depthsOf('depth', values.length),
        columns: depthsOf('depth', values[0]!.length),
        shares: values,
        labels: values.map((row) => row.map((value) => value.toFixed(2))),
      },
      caption,
    );
  return [
    draw(similarity, `${task}: ${first} downwards, ${second} to the right`),
    draw(control, 'the same, shuffled examples'),
  ];
}

async function influenceSection(influence: TracedInfluence): Promise<Section> {
  const { of, on, example, display, examples, displays, common, alike } = influence;
  const helped = examples.filter((each) => each.influence > 0).slice(0, SHOWN);
  const hurt = examples.filter((each) => each.influence < 0).slice(-SHOWN);
  const described = [...helped, ...hurt].map(({ name, influence: value }) => {
    const { label, display: own } = displays[name] ?? { label: '' };
    const way = value > 0 ? 'helped' : 'hurt';
    const certain = Math.abs(value) > common ? '' : ', as chance does';
    return {
      caption: `${name}: ${label}, ${way} ${figure(value)}${certain}`,
      svg: svgOf(own, `${label}, ${figure(value)}`),
      words: wordsOf(own),
    };
  });
  const order = alike === undefined ? {} : { title: `Like the order at random weights by ${figure(alike)} (Spearman)` };
  return {
    title: `Which training examples of ${of} helped or hurt ${on} on ${example}?`,
    pictures: [
      await plot(influenceSpec(influence)),
      ...svgOf(display, example),
      ...described.flatMap(({ svg }) => svg),
    ],
    tables: [
      {
        ...order,
        columns: [
          { title: 'training example' },
          ...(described.some(({ words }) => words !== '') ? [{ title: 'what it says' }] : []),
        ],
        rows: described.map(({ caption, words }) => [caption, words]),
      },
    ],
  };
}

/** The first picture of a display. */
function svgOf(display: Display | undefined, caption: string): readonly string[] {
  const picture = display?.find((part) => part.kind === 'picture');
  return picture === undefined ? [] : [pictureSvg(enlarged(picture), caption)];
}

const wordsOf = (display: Display | undefined): string =>
  (display ?? []).flatMap((part) => (part.kind === 'words' ? [part.text] : [])).join(' ');
