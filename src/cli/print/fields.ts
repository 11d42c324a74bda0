import type { FieldRecords } from '../../experiment/data.ts';
import { renderTable } from '../../report/index.ts';

/** A table of what each column of the data is read as, and why, where that was guessed. */
export function fieldsTable(records: FieldRecords): string {
  const rows = Object.entries(records).flatMap(([data, { tasks }]) => {
    const plans = Object.entries(tasks).flatMap(([task, { inputs, target }]) => [
      ...inputs.map((plan) => ({ plan, role: 'input' })),
      { plan: target, role: `target of ${task}` },
    ]);
    return plans.flatMap(({ plan: { columns, kind, guessed }, role }) =>
      columns.map((column) => [
        data,
        column,
        role,
        kind.kind,
        guessed?.[column] === undefined ? '' : `has ${guessed[column]}`,
      ]),
    );
  });
  // Tasks with the same inputs say the same of them.
  const seen = new Set<string>();
  const once = rows.filter((row) => seen.size !== seen.add(row.join('\n')).size);
  return renderTable(
    ['data', 'column', 'role', 'kind', 'guessed, since it'].map((title) => ({ title })),
    once,
  );
}
