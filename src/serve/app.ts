import { type Context, Hono } from 'hono';
import { routePath } from 'hono/route';
import { gateOf } from './gate.ts';
import { limitBody } from './limit-body.ts';
import type { Metrics } from './metrics.ts';
import type { Models } from './models.ts';
import { openApi } from './open-api.ts';
import type { Settings } from './options.ts';
import { pageHtml } from './page.ts';
import { json, predictRoute } from './predict/route.ts';
import { addProtocol } from './protocol/routes.ts';
import { failureOf, Refusal } from './refusal.ts';

/** What the routes need of their server. */
export interface AppParts {
  readonly models: Models;
  readonly metrics: Metrics;
  readonly settings: Pick<Settings, 'host' | 'queue' | 'body'>;
  readonly version: string;
  /** Whether it stops: what comes now is answered, and its connection is closed. */
  readonly stopping: () => boolean;
  readonly url: () => string;
}

/** What every answer tells a browser: keep nothing, guess nothing, show it in no other page, load nothing. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/** Puts all routes together. */
export function createApp({ models, metrics, settings, version, stopping, url }: AppParts): Hono {
  const app = new Hono();
  const gate = gateOf(settings.host);
  const room = (count: number) => assertRoom(models, count, settings.queue);

  app.use(async (context, next) => {
    const begin = performance.now();
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (stopping()) context.header('connection', 'close');
    metrics.observeRequest(routeOf(context), context.res.status, (performance.now() - begin) / 1000);
  });
  app.use(async (context, next) => {
    gate(context.req.raw);
    await next();
  });
  app.use(limitBody(settings.body));

  app.post('/predict/:task', predictRoute(models, room));
  addProtocol(app, models, { version, ready: () => !stopping(), room });
  app.get('/', (context) => context.html(pageHtml(models.all, url())));
  app.get('/openapi.json', () => json(openApi(models.all, version)));
  app.get('/metrics', (context) =>
    context.text(
      metrics.text(
        models.places.map(({ name, served }) => ({ network: name, version: served.version, waiting: served.waiting })),
      ),
      200,
      { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    ),
  );

  app.notFound((context) => {
    throw new Refusal(
      404,
      `There is no ${context.req.method} ${JSON.stringify(context.req.path.slice(0, 60))}, expected a path of /openapi.json. Look there.`,
    );
  });
  app.onError((error, context) => {
    const { status, ...told } = failureOf(error);
    // A client that went away while it sent is no failure, and hears nothing.
    const left = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
    if (status === 500 && !left) process.stderr.write(`${error.stack ?? error.message}\n`);
    if (status === 429) context.header('retry-after', '1');
    return context.json(told, status);
  });
  return app;
}

/** The pattern of a path, so that metrics have few labels; what is none of ours is `other`. */
function routeOf(context: Context): string {
  const path = routePath(context, -1);
  return path.includes('*') ? 'other' : path;
}

/** @throws Refusal 429 where so many more examples may not wait, 413 where they never could. */
function assertRoom(models: Models, count: number, queue: number): void {
  if (count > queue) {
    throw new Refusal(413, `The request has ${count} examples, expected at most ${queue}. Send less at once.`);
  }
  if (models.waiting + count > queue) {
    throw new Refusal(
      429,
      `${models.waiting} examples wait for their turn already, expected room for ${count} among ${queue}. Ask again in a second.`,
      'busy',
    );
  }
}
