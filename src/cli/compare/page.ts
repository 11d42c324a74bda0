import { writeFile } from 'node:fs/promises';
import { page } from '../../report/index.ts';
import type { ComparisonResult } from './result.ts';
import { comparisonNotes, comparisonTable } from './tables.ts';

/** Writes a page about a comparison. */
export async function writePage(path: string, result: ComparisonResult): Promise<void> {
  const sections = [
    { title: 'Result', text: result.findings.join(' '), tables: [comparisonTable(result)] },
    { title: 'What the columns are', text: comparisonNotes(result) },
  ];
  await writeFile(path, page(`Comparison ${result.name}`, sections));
}
