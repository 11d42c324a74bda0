// A test that writes to the console, or makes Node warn, fails: small rot shows at once.
import { afterAll, afterEach, beforeEach, expect, type MockInstance, vi } from 'vitest';

const written: string[] = [];
const note = (warning: Error) => written.push(`${warning.name}: ${warning.message}`);
process.on('warning', note);
afterAll(() => void process.off('warning', note));

let spies: MockInstance[] = [];

beforeEach(() => {
  spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation((...words: unknown[]) => {
      written.push(`console.${method}: ${words.join(' ')}`);
    }),
  );
});

afterEach(() => {
  for (const spy of spies) spy.mockRestore();
  expect(written.splice(0), 'nothing may be written to the console').toEqual([]);
});
