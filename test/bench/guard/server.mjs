// One variant in a process of its own: node server.mjs <variant> <context as JSON>. Tells its parent the port, and
// answers every message with the CPU time that it has used.
import { variants } from './variants.mjs';

const [, , variant, context] = process.argv;
const server = await variants[variant](JSON.parse(context));
// Connections wait for their turn.
server.keepAliveTimeout = 60_000;
process.on('message', () => process.send({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
process.send({ port: server.address().port });
