/** Reads JSON of figures as it was written: JSON has no NaN and no infinity and writes null for them, which is NaN here. */
export const parseFigures = <T>(json: string): T =>
  JSON.parse(json, (_, value) => (value === null ? Number.NaN : value)) as T;
