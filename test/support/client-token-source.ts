import { HttpService } from '@nestjs/axios';
import { EndpointResolver } from '../../lib/authorization-servers/endpoint-resolver.js';
import type { M2MClientEvent } from '../../lib/client/events.js';
import { createTokenSource } from '../../lib/client/token/create-token-source.js';
import { systemClock } from '../../lib/clock.js';
import { AuthorizationServerHttp } from '../../lib/http/authorization-server-http.js';
import type { M2MNamedClientOptions } from '../../lib/options/client-options.js';
import type { M2MTokenOptions } from '../../lib/options/client-options.js';
import { noParameters, tokenParameters } from '../../lib/options/token-parameters.js';
import { resolvedClient } from './resolved-client.js';

/** A token source with everything real around it, and the events that it emitted. */
export function clientTokenSource(
  options: Partial<M2MNamedClientOptions>,
  clock = systemClock,
  http: Pick<AuthorizationServerHttp, 'request'> = new AuthorizationServerHttp(new HttpService(), {}, clock),
) {
  const events: M2MClientEvent[] = [];
  const endpoints = new EndpointResolver((request) => http.request(request), clock);
  const client = resolvedClient(options);
  const emit = (event: M2MClientEvent): void => void events.push(event);
  return { source: createTokenSource(client, { http, endpoints, clock, emit }), client, events };
}

/** What a token is asked for. */
export function asking(options: M2MTokenOptions = {}) {
  return tokenParameters(noParameters, options);
}
