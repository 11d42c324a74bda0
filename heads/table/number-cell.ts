/** A cell that is undefined, null or NaN is missing. */
export type NumberCell = number | undefined | null;

export const isMissing = (cell: NumberCell): cell is undefined | null =>
  cell === undefined || cell === null || Number.isNaN(cell);
