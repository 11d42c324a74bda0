import type { Context } from 'hono';
import type { Models } from '../models.ts';
import { Refusal } from '../refusal.ts';
import { readQuestion } from './bodies.ts';
import { rawInputs } from './raw-inputs.ts';

/** Beams take memory, and more than these make no text better. */
const MOST_BEAMS = 16;

/** Answers `POST /predict/TASK`: what the network predicts for what was sent, as `banyan predict` does. `room`: see `roomFor`. */
export const predictRoute =
  (models: Models, room: (count: number) => void) =>
  (context: Context): Promise<Response> =>
    models.use(context.req.param('task')!, async ({ name, network, served }) => {
      const beam = beamOf(context.req.query('beam'));
      const inputs = await rawInputs(served.task, await readQuestion(context));
      room(inputs.length);
      const placeOf = (i: number) => `input ${i}`;
      const prepared = inputs.map((raw, i) => network.prepare(served, raw, placeOf(i)));
      const outputs = await network.outputs(served, prepared, beam);
      const predictions = outputs.map((output, i) => network.decode(served, output, placeOf(i)));
      return json({ task: name, version: network.version, predictions });
    });

/** @throws Refusal 400 for what is no number of beams. */
function beamOf(text = '1'): number {
  const beam = Number(text);
  if (Number.isInteger(beam) && beam >= 1 && beam <= MOST_BEAMS) return beam;
  throw new Refusal(
    400,
    `beam must be a whole number from 1 to ${MOST_BEAMS}, received ${JSON.stringify(text.slice(0, 20))}. Change it to that.`,
  );
}

/** Answers with JSON, typed arrays as plain ones. */
export const json = (value: unknown): Response =>
  new Response(JSON.stringify(value, plain), { headers: { 'content-type': 'application/json' } });

function plain(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
}
