import type { Reason } from '../decodings/ruling.ts';

/** So many reasons are said. */
const REASONS = 3;

/** Says what speaks most for or against an action: `cross 2 right +0.23, circle 1 up -1.00`. */
export const wordsOf = (reasons: readonly Reason[], action: number): string =>
  reasons
    .filter(({ shares }) => shares[action] !== 0)
    .slice(0, REASONS)
    .map(({ name, down, right, shares }) => `${name} ${offsetInWords(down, right)} ${signed(shares[action]!)}`)
    .join(', ');

/** Says where something lies: `2 down 1 left`. */
export function offsetInWords(down: number, right: number): string {
  const vertical = down === 0 ? [] : [`${Math.abs(down)} ${down > 0 ? 'down' : 'up'}`];
  const horizontal = right === 0 ? [] : [`${Math.abs(right)} ${right > 0 ? 'right' : 'left'}`];
  return [...vertical, ...horizontal].join(' ');
}

const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;
