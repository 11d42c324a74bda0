import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What is written under before it gets its name: `.network.<uuid>.tmp`, `result.json.tmp`. Other names are a user's. */
const UNFINISHED = /^\..+\.[\da-f]{8}-[\da-f-]{27}\.tmp$|\.(json|jsonl|html)\.tmp$/;

/** Removes what killed writers have left half written in a folder. Only for whoever holds its lock. */
export async function clearLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (UNFINISHED.test(name)) await rm(join(folder, name), { recursive: true, force: true });
}
