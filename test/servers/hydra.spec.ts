import { afterAll, beforeAll } from '@jest/globals';
import { hydraBinary } from './hydra/hydra-binary.js';
import { HYDRA, HydraServer } from './hydra/hydra-server.js';
import { describeBothHalves } from './support/both-halves.js';

// Here, so that a machine that cannot build it is told why once, and not by every test.
const binary = await hydraBinary();

let server: HydraServer;
beforeAll(async () => {
  server = await HydraServer.start(binary);
});
afterAll(() => server[Symbol.asyncDispose]());

describeBothHalves(HYDRA, () => server);
