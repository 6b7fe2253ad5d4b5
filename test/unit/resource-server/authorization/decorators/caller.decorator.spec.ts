import { describe, expect, it } from '@jest/globals';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { M2MCaller } from '../../../../../lib/caller/m2m-caller.js';
import { M2MConfigurationError } from '../../../../../lib/errors/configuration.error.js';
import { Caller } from '../../../../../lib/resource-server/authorization/decorators/caller.decorator.js';
import { Public } from '../../../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { keepCaller } from '../../../../../lib/resource-server/authorization/request-callers.js';

class EventsController {
  @Public()
  handle(@Caller() caller: M2MCaller): M2MCaller {
    return caller;
  }
}

interface ParameterMetadata {
  readonly factory: (data: unknown, context: ExecutionContextHost) => unknown;
}

/** What the parameter is for a handler that gets these arguments. */
function callerOf(type: string, args: unknown[]): unknown {
  const metadata = Reflect.getMetadata(ROUTE_ARGS_METADATA, EventsController, 'handle') as object;
  const [parameter] = Object.values(metadata) as ParameterMetadata[];
  const context = new ExecutionContextHost(args, EventsController, EventsController.prototype.handle);
  context.setType(type);
  return parameter?.factory(undefined, context);
}

const forged = { clientId: 'admin', scopes: ['admin'], hasScope: () => true };
const written = { m2m: forged, user: forged, caller: forged, headers: { m2m: forged } };

describe('@Caller()', () => {
  it.each([
    ['a request that a middleware wrote on', 'http', [{ ...written, raw: written, headers: {} }, {}]],
    ['a payload that a sender made', 'rpc', [written, { args: [written] }]],
    ['a record of a message', 'rpc', [{ data: written }, { getMessage: () => written }]],
    ['data of a socket', 'ws', [{ data: written, handshake: { auth: written } }, written]],
    ['arguments of a resolver', 'graphql', [written, written, { req: written }, written]],
    ['a context of another package', 'telegraf', [written]],
    ['no arguments', 'http', []],
  ])('throws if no guard let anybody in, whatever stands in %s', (_, type, args) => {
    expect(() => callerOf(type, args)).toThrow(M2MConfigurationError);
    expect(() => callerOf(type, args)).toThrow(/EventsController\.handle has a @Caller\(\), but no M2MGuard/);
  });

  it.each(['http', 'rpc'])('is what the guard decided, whatever else stands there: %s', (type) => {
    const request = { ...written };
    keepCaller(request, { clientId: 'orders' } as M2MCaller);
    expect(callerOf(type, [written, request])).toEqual({ clientId: 'orders' });
  });
});
