import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openNamespace } from '../../../src/study/workers/namespace.ts';
import { freePorts } from '../../../src/study/workers/ports.ts';

const SERVER = `
const { networkInterfaces } = require('node:os');
require('node:net').createServer().listen(Number(process.argv[1]), () => {
  console.log(JSON.stringify(Object.keys(networkInterfaces())));
});`;

describe('a network namespace', () => {
  it('holds what is started in it, and nothing outside reaches that', async (context) => {
    const namespace = await openNamespace();
    if (typeof namespace === 'string') {
      expect(namespace).not.toBe('');
      return context.skip(`the system does not permit one: ${namespace}`);
    }
    const [port] = await freePorts(1);
    const command = [...namespace.within, process.execPath, '-e', SERVER, String(port)];
    const server = spawn(command[0]!, command.slice(1));
    try {
      const interfaces = await new Promise<string>((done) => server.stdout.on('data', (text) => done(String(text))));
      expect(JSON.parse(interfaces)).toEqual(['lo']);
      const reached = await new Promise<string>((done) => {
        const socket = connect({ host: '127.0.0.1', port: port! });
        socket.on('connect', () => done('reached'));
        socket.on('error', ({ message }) => done(message));
      });
      expect(reached).toContain('ECONNREFUSED');
    } finally {
      server.kill('SIGKILL');
      namespace.leave();
    }
  });
});
