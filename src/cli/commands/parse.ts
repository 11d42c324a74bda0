import { InvalidArgumentError } from 'commander';
import { parseDocument } from 'yaml';

// How the text after an option becomes its value.

/** Parses names that are separated by commas. */
export const names = (text: string): readonly string[] => text.split(',').map((name) => name.trim());

/** Makes what parses a whole number of at least `least`. */
export const wholeNumber =
  (least = 1) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number >= ${least}.`);
  };

/** Parses a number of at least 0. */
export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number >= 0.');
}

/** Parses any number. */
export function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number.');
}

/** Parses shares that are separated by commas, each above 0 and at most 1. */
export function shares(text: string): readonly number[] {
  const values = names(text).map(Number);
  if (values.every((value) => value > 0 && value <= 1)) return values;
  throw new InvalidArgumentError('Expected numbers > 0 and <= 1, separated by commas.');
}

/** Parses the number of a port; 0 stands for any free one. */
export function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65535) return value;
  throw new InvalidArgumentError('Expected a whole number from 0 to 65535.');
}

/** Parses a value of YAML. `what`: what an error calls it. */
export function yaml(text: string, what = 'It'): unknown {
  const document = parseDocument(text);
  const [fault] = [...document.errors, ...document.warnings];
  if (fault === undefined) return document.toJS();
  throw new InvalidArgumentError(`${what} is no YAML: ${fault.message.split('\n')[0]}`);
}
