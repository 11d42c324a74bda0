import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { root } from '../repository.ts';
import { banyan } from './program.ts';

const PAGE = join(root, 'docs/reliability.md');
const [BEGIN, END] = ['<!-- figures: BANYAN_RECORD=1 npm run test:long -->', '<!-- end of figures -->'];

/** What a campaign has killed. */
export interface Killed {
  readonly kills: number;
  /** So many of the runs did not go on as they should. */
  readonly lost: number;
}

/**
 * Says what was done and what came out, and, where the environment asks for it, writes it into docs/reliability.md with date and machine.
 * Kills are added to the sum that the long tests end with.
 */
export async function record(what: string, figures: string, killed?: Killed): Promise<void> {
  console.log(`${what}: ${figures}`);
  if (killed !== undefined) appendFileSync(inject('kills'), `${killed.kills} ${killed.lost}\n`);
  if (process.env.BANYAN_RECORD !== '1') return;
  const { stdout } = await banyan(['doctor', '--json']);
  const { tensorflow } = JSON.parse(stdout) as { tensorflow?: string };
  const [processor] = cpus();
  const day = new Date().toISOString().slice(0, 10);
  const machine = `${processor!.model}, ${cpus().length} threads, Node ${process.versions.node}, TensorFlow ${tensorflow ?? 'none'}`;
  const row = `| ${what} | ${figures} | ${day}, ${machine} |`;
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(BEGIN) as [string, string];
  const [table, after] = rest.split(END) as [string, string];
  const rows = table.split('\n').filter((line) => line !== '');
  // Cells are padded.
  const at = rows.findIndex((line) => line.split('|')[1]?.trim() === what);
  rows.splice(at < 0 ? rows.length : at, at < 0 ? 0 : 1, row);
  writeFileSync(PAGE, `${before}${BEGIN}\n\n${rows.join('\n')}\n\n${END}${after}`);
  // Tables are aligned.
  spawnSync(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', PAGE], {
    cwd: root,
  });
}
