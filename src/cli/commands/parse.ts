import { InvalidArgumentError } from 'commander';

// How the text after an option becomes its value.

/** Parses names that are separated by commas. */
export const names = (text: string): readonly string[] => text.split(',').map((name) => name.trim());

/** Parses a whole number of at least 1. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Expected a whole number >= 1.');
}

/** Parses the number of a port; 0 stands for any free one. */
export function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65535) return value;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}
