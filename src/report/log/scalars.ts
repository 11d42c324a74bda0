import type { EvaluationEvent, StepEvent } from '../../train/index.ts';

/** Gives the numbers of an event that curves are drawn of, by names such as `loss/TASK`; those that are not finite are left out. */
export function scalarsOf(event: StepEvent | EvaluationEvent): Record<string, number> {
  const values = event.kind === 'step' ? ofStep(event) : ofEvaluation(event);
  return Object.fromEntries(values.filter((entry): entry is [string, number] => Number.isFinite(entry[1])));
}

type Named = readonly [name: string, value: number | undefined];

const each = (group: string, figures: Readonly<Partial<Record<string, number>>> = {}, after = ''): readonly Named[] =>
  Object.entries(figures).map(([name, value]) => [`${group}/${name}${after}`, value]);

// MLflow keeps each in a file by its name, so that none may be the folder of another.
const ofEvaluation = ({ metrics, averaged = {} }: EvaluationEvent): readonly Named[] => [
  ...Object.entries(metrics).flatMap(([task, figures]) => each(`validation/${task}`, figures)),
  ...Object.entries(averaged).flatMap(([task, figures]) => each(`validation/${task}`, figures, '-averaged')),
];

const ofStep = (event: StepEvent): readonly Named[] => [
  ...each('loss', event.losses),
  ...each('learning-rate', event.learningRates),
  ...each('weight', event.balance?.weights),
  ['training/learning-rate', event.learningRate],
  ['training/gradient-norm', event.gradientNorm],
  ['training/auxiliary-loss', event.auxiliary],
  ['training/milliseconds', event.milliseconds],
];
