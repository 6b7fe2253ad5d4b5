import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import { M2M_CLOCK } from '../../options/injection-tokens.js';
import { runInRequest } from '../../request-context/request-context.js';
import type { Clock } from '../../time/clock.js';
import { isUpgraded } from '../transports/request-socket.js';
import { openCallerContext } from './caller-contexts.js';
import { onceEnded } from './response-end.js';

/**
 * Opens the context of each request, which a guard fills later. What runs for the request is run in it: a guard that
 * entered it itself would leave it to the next requests of the connection.
 */
@Injectable()
export class CallerContextMiddleware implements NestMiddleware<IncomingMessage, ServerResponse> {
  constructor(@Inject(M2M_CLOCK) private readonly clock: Clock) {}

  use(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    // A WebSocket outlives every request: operations that come by it have no context.
    if (isUpgraded(request)) return next();
    const context = openCallerContext(request);
    onceEnded(request, response, () => context.close(this.clock));
    runInRequest(context, () => next());
  }
}
