import { pathToFileURL } from 'node:url';
import { BanyanError, type ErrorCode } from '../../error.ts';
import { assertFile } from '../../files/assert-file.ts';

let registered = false;

/** Tells whether this process can load TypeScript: Node strips the types, or tsx is active already. */
function loadsTypeScript(): boolean {
  const features = process.features as { readonly typescript?: string | false };
  if (features.typescript) return true;
  // These files are TypeScript themselves when the command is run from its source.
  return import.meta.url.endsWith('.ts') || process.execArgv.some((argument) => argument.includes('tsx'));
}

async function registerTypeScript(name: string, code: ErrorCode): Promise<void> {
  if (registered) return;
  try {
    const { register } = await import('tsx/esm/api');
    register();
    registered = true;
  } catch (cause) {
    throw new BanyanError(
      code,
      `${name} is TypeScript, and this Node (${process.version}) cannot load it. Expected the package tsx, which is not installed. Run \`npm install tsx\`, or use Node 22.18 or newer.`,
      { cause },
    );
  }
}

/**
 * Imports a file, TypeScript or not. `name` is how the user called it.
 * @throws BanyanError `code` when it cannot be loaded.
 */
export async function importModule(
  file: string,
  code: ErrorCode,
  name = file,
): Promise<Readonly<Record<string, unknown>>> {
  assertFile(code, file);
  if (/\.[mc]?ts$/.test(file) && !loadsTypeScript()) await registerTypeScript(name, code);
  try {
    return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (cause) {
    // By its name: another copy of this package has a class of its own.
    if (cause instanceof Error && cause.name === 'BanyanError') throw cause;
    throw new BanyanError(code, `${name} cannot be loaded: ${reason(cause)}. Correct the file or its path.`, { cause });
  }
}

/** Gives the first line of an error's message, without a full stop. */
export function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split('\n')[0] ?? '').replace(/\.$/, '');
}
