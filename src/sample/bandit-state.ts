import { z } from 'zod';
import { savedNumbers } from './saved.ts';

/** The schema of what a bandit over so many tasks saves. */
export const banditState = (tasks: number) =>
  z.object({
    waiting: z.array(z.tuple([z.int(), z.number()])),
    losses: savedNumbers(tasks),
    weights: z.array(z.number()).length(tasks),
    rewards: z.int().min(0),
    gains: z.array(z.number()),
    seen: z.int().min(0),
  });
