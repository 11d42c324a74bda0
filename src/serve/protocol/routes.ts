import type { Context, Hono } from 'hono';
import type { Model, Models } from '../models.ts';
import { json } from '../predict/route.ts';
import { Refusal } from '../refusal.ts';
import type { ServedTensor } from '../served-task.ts';
import { datatypeOf } from './datatypes.ts';
import { examplesOf } from './examples.ts';
import { JSON_LENGTH, readInferRequest } from './request.ts';
import { inferResponse } from './response.ts';

/** What the routes are told of the server. */
export interface ProtocolServer {
  readonly version: string;
  /** Whether it takes requests. */
  readonly ready: () => boolean;
  /** @throws Refusal where so many examples find no room. */
  readonly room: (count: number) => void;
}

/**
 * Adds the routes of the Open Inference Protocol, version 2, in which each task is a model: its functions without `prepare` and `decode`,
 * tensors in, tensors out (https://github.com/kserve/open-inference-protocol).
 */
export function addProtocol(app: Hono, models: Models, { version, ready, room }: ProtocolServer): void {
  app.get('/v2', () => json({ name: 'banyan-ml', version, extensions: ['binary_tensor_data'] }));
  app.get('/v2/health/live', () => json({ live: true }));
  app.get('/v2/health/ready', () => {
    if (!ready()) throw new Refusal(503, 'This server stops, expected one that runs. Ask another one.', 'busy');
    return json({ ready: true });
  });
  // A path with a version is the same, as long as that version answers.
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version'] as const) {
    app.get(path, (context) => json(metadataOf(named(context, models.get(context.req.param('model'))))));
    app.get(`${path}/ready`, (context) => {
      const { name } = named(context, models.get(context.req.param('model')!));
      return json({ name, ready: ready() });
    });
    app.post(`${path}/infer`, (context) =>
      models.use(context.req.param('model')!, async (model) => {
        const { name, network, served } = named(context, model);
        const body = new Uint8Array(await context.req.arrayBuffer());
        const request = readInferRequest(body, context.req.header(JSON_LENGTH));
        const examples = examplesOf(served, request.inputs);
        room(examples.length);
        const outputs = await network.outputs(served, examples);
        return inferResponse(served, outputs, request, { model: name, version: network.version });
      }),
    );
  }
}

/** @throws Refusal 404 for a version that does not answer any more, or not yet. */
function named(context: Context, model: Model): Model {
  const asked = context.req.param('version');
  if (asked === undefined || asked === model.network.version) return model;
  throw new Refusal(
    404,
    `Task "${model.name}" has no version ${JSON.stringify(asked.slice(0, 20))}, expected ${model.network.version}, the one that is served. Leave the version out.`,
  );
}

const metadataOf = ({ name, network, served: { inputs = [], outputs = [] } }: Model) => ({
  name,
  versions: [network.version],
  platform: 'banyan-ml',
  inputs: inputs.map(described),
  outputs: outputs.map(described),
});

const described = ({ name, shape, dtype }: ServedTensor) => ({ name, datatype: datatypeOf(dtype), shape });
