import { describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
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

class FieldsController {
  handle(@Caller('clientId') clientId: string): string {
    return clientId;
  }
}

interface ParameterMetadata {
  readonly data: unknown;
  readonly pipes: readonly unknown[];
  readonly factory: (data: unknown, context: ExecutionContextHost) => unknown;
}

/** What the parameter is for a handler that gets these arguments. */
function callerOf(type: string, args: unknown[], of: Type = EventsController): unknown {
  const parameter = parameterOf(of);
  const context = new ExecutionContextHost(args, EventsController, EventsController.prototype.handle);
  context.setType(type);
  return parameter?.factory(parameter.data, context);
}

function parameterOf(of: Type): ParameterMetadata | undefined {
  const metadata = Reflect.getMetadata(ROUTE_ARGS_METADATA, of, 'handle') as object;
  return (Object.values(metadata) as ParameterMetadata[])[0];
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

  it('is the named field of the caller, and undefined for a user', () => {
    const [machine, user] = [{}, {}];
    keepCaller(machine, { clientId: 'orders' } as M2MCaller);
    keepCaller(user, undefined);
    expect(callerOf('http', [machine], FieldsController)).toBe('orders');
    expect(callerOf('http', [user], FieldsController)).toBeUndefined();
    expect(() => callerOf('http', [{}], FieldsController)).toThrow(M2MConfigurationError);
  });

  it('throws at once for what is no field', () => {
    expect(() => Caller('client' as 'clientId')).toThrow("@Caller('clientId')");
  });

  it('takes pipes, after a field and in its place', () => {
    const pipe = { transform: (value: unknown) => value };
    class PipesController {
      handle(@Caller(pipe) caller: M2MCaller): unknown {
        return caller;
      }
    }
    class FieldPipesController {
      handle(@Caller('scopes', pipe) scopes: readonly string[]): unknown {
        return scopes;
      }
    }
    expect(parameterOf(PipesController)).toMatchObject({ data: undefined, pipes: [pipe] });
    expect(parameterOf(FieldPipesController)).toMatchObject({ data: 'scopes', pipes: [pipe] });
  });
});
