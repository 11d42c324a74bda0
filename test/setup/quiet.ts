// A test that writes to the console, or makes Node warn, fails: small rot shows at once.
import { afterAll, afterEach, beforeEach, expect, vi } from 'vitest';

const warnings: string[] = [];
const note = (warning: Error) => warnings.push(`${warning.name}: ${warning.message}`);
process.on('warning', note);
afterAll(() => void process.off('warning', note));

beforeEach(() => {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => {
      warnings.push(`console.${method}: ${words.join(' ')}`);
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(warnings.splice(0), 'nothing may be written to the console').toEqual([]);
});
