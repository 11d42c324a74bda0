import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import manifest from '../package.json' with { type: 'json' };
import { root } from './repository.ts';

/** A Chromium, and what its process has to find. */
interface FoundChromium {
  readonly executablePath: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
/** Where it finds its own fonts alone: a page looks the same on each machine. */
const FONTS = 'its-fonts.conf';
const UNPACK = `await (await import('@sparticuz/chromium')).default.executablePath()`;

/**
 * That of the package @sparticuz/chromium, which comes with `npm ci`: unpacked once, with the libraries and fonts that a bare machine lacks. It is
 * there for Linux on x86_64; elsewhere the machine's own serves (`apt-get install chromium`).
 */
function findChromium(): FoundChromium | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const executablePath = INSTALLED.find(existsSync);
    return executablePath === undefined ? undefined : { executablePath };
  }
  const cache = join(root, 'node_modules/.cache');
  const folder = join(cache, `chromium-${manifest.devDependencies['@sparticuz/chromium']}`);
  if (!existsSync(folder)) unpackInto(folder, cache);
  nameFonts(realpathSync(folder));
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(folder, 'al2023/lib'),
      FONTCONFIG_FILE: join(folder, FONTS),
      // Where a machine names no language, pages would be told "en-US@posix", which is none.
      LC_ALL: 'en_US.UTF-8',
    },
  };
}

/** Unpacks it beside, so that a folder that is there is whole. */
function unpackInto(folder: string, cache: string): void {
  mkdirSync(cache, { recursive: true });
  const beside = mkdtempSync(join(cache, 'chromium-'));
  // It unpacks into the folder for temporary files, and brings its libraries along where it finds itself in a bare container of this name.
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', UNPACK], {
    cwd: root,
    env: { ...process.env, TMPDIR: beside, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
    encoding: 'utf8',
  });
  try {
    if (status !== 0) throw new Error(`@sparticuz/chromium could not be unpacked: ${stderr}`);
    renameSync(beside, folder);
  } catch (error) {
    rmSync(beside, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(folder)) throw error;
  }
}

/** Says where the fonts are, which is elsewhere once the folder was moved: without any a page has no letters. */
function nameFonts(folder: string): void {
  const [file, dir, found] = [FONTS, 'fonts/fonts', 'fonts-found'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const text = `<?xml version="1.0"?><fontconfig><dir>${dir}</dir><cachedir>${found}</cachedir></fontconfig>`;
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  const beside = `${file}-${process.pid}`;
  writeFileSync(beside, text);
  renameSync(beside, file);
}

const found = findChromium();

/** Whether pages can be tested here. */
export const hasChromium: boolean = found !== undefined;

/** Starts a headless Chromium with such flags. */
export const launchChromium = (flags: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ ...found, args: ['--no-sandbox', ...flags] });
