import { page, renderTable, type Table } from '../../report/index.ts';
import { gridSvg } from '../draw/grid.ts';
import { figure } from '../draw/svg.ts';
import type { ConceptInfluence } from './influence.ts';

/** What is still called chance. */
const CHANCE = 0.05;

const MEANING =
  'The score is the share of the examples whose outcome grows in the concept’s direction, the effect by how much on average. Random directions lead from the mean of some of the same examples to that of the others, in a random order. A star marks effects that are larger than chance, after the correction for all that is asked at once (Holm); what has none, noise would show.';

const shown = ({ score, pValue }: ConceptInfluence) => `${score.toFixed(2)}${pValue < CHANCE ? ' *' : ''}`;

/** Makes a page of what concepts do to outcomes: a picture for each concept, outcomes by blocks, and all numbers. */
export function conceptPage(title: string, influences: readonly ConceptInfluence[]): string {
  const concepts = [...new Set(influences.map(({ concept }) => concept))];
  return page(title, [
    { title: 'What concepts do to outcomes', text: MEANING },
    ...concepts.map((concept) => {
      const own = influences.filter((influence) => influence.concept === concept);
      return { title: concept, pictures: [conceptSvg(concept, own)], tables: [tableOf(own)] };
    }),
  ]);
}

/** Says the same in lines. */
export function conceptText(influences: readonly ConceptInfluence[]): string {
  const { columns, rows } = tableOf(influences);
  const concepts = influences.map(({ concept }) => concept);
  return renderTable(
    [{ title: 'concept' }, ...columns],
    rows.map((row, i) => [concepts[i]!, ...row]),
  );
}

/** A row for each outcome and a column for each block: red where the concept speaks for it, the stronger the further beyond chance. */
function conceptSvg(concept: string, own: readonly ConceptInfluence[]): string {
  const outcomes = [...new Set(own.map(({ outcome }) => outcome))];
  const depths = [...new Set(own.map(({ depth }) => depth))];
  const cells = outcomes.map((outcome) =>
    depths.map((depth) => own.find((each) => each.outcome === outcome && each.depth === depth)!),
  );
  return gridSvg(
    {
      rows: outcomes,
      columns: depths.map((depth) => `block ${depth}`),
      shares: cells.map((row) => row.map(beyondChance)),
      labels: cells.map((row) => row.map(shown)),
    },
    `${concept}: scores by outcome and block`,
  );
}

/** An effect of twice what chance reaches has the full colour. */
const beyondChance = ({ effect, control }: ConceptInfluence): number =>
  control === 0 ? 0 : Math.max(-1, Math.min(1, effect / (2 * control)));

const tableOf = (influences: readonly ConceptInfluence[]): Table => ({
  columns: [
    { title: 'outcome' },
    { title: 'block', align: 'right' },
    { title: 'score', align: 'right' },
    { title: 'effect', align: 'right' },
    { title: 'of random directions', align: 'right' },
    { title: 'p', align: 'right' },
  ],
  rows: influences.map((influence) => {
    const { outcome, depth, effect, control, pValue } = influence;
    return [outcome, String(depth), shown(influence), figure(effect), `± ${control.toPrecision(3)}`, pValue.toFixed(3)];
  }),
});
