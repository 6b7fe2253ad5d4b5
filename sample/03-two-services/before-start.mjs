// Stops `npm start` before it builds if a port is taken.
import { once } from 'node:events';
import { createServer } from 'node:net';

const { PORT = 3000, AUTHORIZATION_SERVER_PORT = 4000 } = process.env;
const servers = [];
const taken = [];
for (const [variable, port] of Object.entries({ PORT, AUTHORIZATION_SERVER_PORT })) {
  const server = createServer().listen(Number(port), '127.0.0.1');
  try {
    await once(server, 'listening');
    servers.push(server);
  } catch (error) {
    if (error.code !== 'EADDRINUSE') throw error;
    taken.push({ variable, port });
  }
}
for (const server of servers) server.close();

if (taken.length === 0) {
  console.log('Building the package and this sample ...');
} else {
  const ports = taken.map(({ port }) => port).join(' and ');
  const others = taken.map(({ variable, port }) => `${variable}=${Number(port) + 10}`).join(' ');
  console.error(`In use: port ${ports}. Stop what listens there, or choose others: ${others} npm start`);
  process.exitCode = 1;
}
