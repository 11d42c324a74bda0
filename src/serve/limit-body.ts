import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { showBytes } from '../show.ts';
import { Refusal } from './refusal.ts';

/** Refuses bodies of more bytes, 413: by their header before they are read, and those that come in chunks while they are. */
export function limitBody(most: number): MiddlewareHandler {
  const refuse = (): never => {
    throw new Refusal(
      413,
      `The body is too large, expected at most ${showBytes(most)}. Send less at once, or serve with a larger --body.`,
    );
  };
  const inChunks = bodyLimit({ maxSize: most, onError: refuse });
  return (context, next) => {
    if (context.req.header('transfer-encoding') !== undefined) return inChunks(context, next);
    // Not by `bodyLimit`: it asks for a stream of the body, which takes longer than to read all of it.
    if (Number(context.req.header('content-length') ?? 0) > most) refuse();
    return next();
  };
}
