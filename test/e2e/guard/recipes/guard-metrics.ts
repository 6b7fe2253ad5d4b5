import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InsufficientScopeError, M2MTokenVerifier } from '../../../../lib/index.js';

export function guardMetrics(app: NestFastifyApplication): void {
  const verifier = app.get(M2MTokenVerifier);
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      if (!request.url.startsWith('/metrics')) return undefined;
      try {
        const caller = await verifier.verifyRequest(request);
        if (caller.hasScope('read:metrics')) return undefined;
        throw new InsufficientScopeError(`the client ${caller.clientId} may not read metrics`);
      } catch (error) {
        verifier.refuse(error, reply);
        return reply;
      }
    });
}
