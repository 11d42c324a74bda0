const lasting = new WeakSet<object>();

/** Says of a row that it stays as it is: what a task makes of it serves the other tasks too. */
export function markLasting(row: object): void {
  lasting.add(row);
}

/** Whether it was said of a row. One that a caller has may be changed, and given again. */
export const isLasting = (row: object): boolean => lasting.has(row);
