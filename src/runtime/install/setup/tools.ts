import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program that could not be started, or ended with an error; `output` is the end of what it said. */
export class ToolError extends Error {
  readonly output: string;
  /** The program itself is not there. */
  readonly missing: boolean;

  constructor(command: string, how: string, output: string, missing: boolean) {
    super(`${command} ${how}`);
    this.output = output;
    this.missing = missing;
  }
}

const KEPT = 16_384;

/** Runs a program to its end and returns its standard output. A shell never sees the arguments. */
export function run(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; onLine?: (line: string) => void } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const { env, cwd, onLine } = options;
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-KEPT);
      said = (said + text).slice(-KEPT);
    });
    if (onLine) createInterface(child.stdout).on('line', onLine);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT);
    });
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(new ToolError(command, `could not be started (${error.code})`, '', error.code === 'ENOENT')),
    );
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new ToolError(command, signal ? `was ended by ${signal}` : `ended with code ${code}`, said, false));
    });
  });
}

/**
 * One sentence that names what the set-up needs and does not find, with the Debian packages that bring it; undefined
 * when all is there.
 */
export async function missingTools(): Promise<string | undefined> {
  const works = (command: string, ...args: string[]) =>
    run(command, args).then(
      () => true,
      () => false,
    );
  const [python, pip, compiler] = await Promise.all([
    works('python3', '-c', 'import sys, zipfile; print(sys.version)'),
    works('python3', '-m', 'pip', '--version'),
    works('g++', '--version'),
  ]);
  const missing: [tool: string, ...packages: string[]][] = [];
  if (!python) missing.push(['Python 3', 'python3', 'python3-pip']);
  else if (!pip) missing.push(["Python's pip", 'python3-pip']);
  if (!compiler) missing.push(['g++', 'g++']);
  if (missing.length === 0) return undefined;
  const names = missing.map(([name]) => name).join(' and ');
  const packages = missing.flatMap(([, ...names]) => names).join(' ');
  return (
    `TensorFlow cannot be set up because ${names} ${missing.length > 1 ? 'are' : 'is'} missing; ` +
    `on Debian or Ubuntu \`apt-get install ${packages}\` brings ${missing.length > 1 ? 'them' : 'it'}.`
  );
}
