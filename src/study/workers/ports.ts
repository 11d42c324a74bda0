import { createServer, type Server } from 'node:net';

/** Finds so many ports of this machine that are free now. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const listen = () =>
    new Promise<Server>((done, fail) => {
      const server = createServer()
        .on('error', fail)
        .listen(0, () => done(server));
    });
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
