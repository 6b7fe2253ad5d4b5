// What verifyRequest and refuse take. Applications on Express have no types of Fastify.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Request, Response } from 'express';
import type { M2MCaller, M2MTokenVerifier } from 'nestjs-m2m';

export async function refused(
  verifier: M2MTokenVerifier,
  node: [IncomingMessage, ServerResponse],
  http2: [Http2ServerRequest, Http2ServerResponse],
  express: [Request, Response],
): Promise<void> {
  const caller: M2MCaller = await verifier.verifyRequest(node[0]);
  await verifier.verifyRequest(http2[0]);
  await verifier.verifyRequest(express[0]);

  const answered: void = verifier.refuse(new Error(caller.clientId), node[1]);
  verifier.refuse(undefined, http2[1]);
  verifier.refuse(answered, express[1]);

  // @ts-expect-error the response comes second
  verifier.refuse(node[1], new Error('m'));
  // @ts-expect-error a response of fetch cannot be written
  verifier.refuse(new Error('m'), new globalThis.Response());
  // @ts-expect-error a request of fetch has another form
  await verifier.verifyRequest(new globalThis.Request('https://api.example.com'));
}
