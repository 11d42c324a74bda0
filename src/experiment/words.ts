/** Says data of an experiment in a few words: `conv, width 64, sharing mmoe, experts 4`. */
export const words = (value: unknown): string =>
  typeof value !== 'object' || value === null
    ? String(value)
    : Object.entries(value)
        .map(([key, part]) => (key === 'kind' ? String(part) : `${key} ${words(part)}`))
        .join(', ');
