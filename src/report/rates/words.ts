import type { RateCurve } from '../../train/index.ts';

/** Says a rate with two digits: `3.2e-4`, `0.012`. */
export function formatRate(rate: number): string {
  return rate < 0.001 || rate >= 1000 ? rate.toExponential(1) : String(Number(rate.toPrecision(2)));
}

/** Says which learning rate is proposed, and by which rule. */
export function proposalText({ found }: Pick<RateCurve, 'found'>): string {
  if (found === undefined)
    return 'No rate is proposed: the loss rose after too few steps. Try it from a lower rate, or with more steps.';
  const { proposal, steepest, tenthOfLowest } = found;
  return `Proposed learning rate: ${formatRate(proposal)}, the lesser of ${formatRate(steepest)}, around which the loss fell fastest, and ${formatRate(tenthOfLowest)}, a tenth of the rate with the lowest loss.`;
}

/** Says how far the test went, and why no further. */
export function endingText({ end, rates }: Pick<RateCurve, 'end' | 'rates'>): string {
  if (rates.length === 0) return 'It ended at the first step: losses or gradients were no numbers.';
  const last = formatRate(rates.at(-1)!);
  if (end === 'steps') return `It went up to ${last}.`;
  return end === 'risen'
    ? `It ended at ${last}, where the loss was 4 times its best.`
    : `It ended at ${last}: at the next rate, losses or gradients were no numbers any more.`;
}
