import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { Test, type TestingModule } from '@nestjs/testing';
import type { M2MCaller } from '../../../lib/caller/m2m-caller.js';
import { M2MModule } from '../../../lib/m2m.module.js';
import { M2M_RESOLVED_OPTIONS } from '../../../lib/options/injection-tokens.js';
import { keptCaller } from '../../../lib/resource-server/authorization/request-callers.js';
import { OptionalToken } from '../../../lib/resource-server/authorization/decorators/optional-token.decorator.js';
import { Public } from '../../../lib/resource-server/authorization/decorators/public.decorator.js';
import { RequireScopes } from '../../../lib/resource-server/authorization/decorators/require-scopes.decorator.js';
import { M2MGuard } from '../../../lib/resource-server/m2m.guard.js';
import { M2MTokenVerifier } from '../../../lib/resource-server/m2m-token-verifier.js';
import type {
  InboundCredentials,
  InboundTransport,
} from '../../../lib/resource-server/transports/inbound-transport.js';
import type { Refusal } from '../../../lib/resource-server/transports/refusal.js';
import { TestIssuer, testAudience, testClientId } from '../../support/issuer.js';

/** A letter, as its post office holds it: who sends one fills in the text, and nothing of the envelope. */
interface Envelope {
  readonly stamp: string;
  delivered?: string | undefined;
}

class ReturnedToSender extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.description);
  }
}

/** Letters: the handler gets the text and the envelope, and the token is the stamp. */
class PostTransport implements InboundTransport {
  readonly type = 'post';

  handles(context: ExecutionContext): boolean {
    return context.getType<string>() === 'post';
  }

  requestOf(context: ExecutionContext): Envelope {
    return context.getArgByIndex<Envelope>(1);
  }

  credentials(context: ExecutionContext): InboundCredentials {
    return { scheme: 'Bearer', token: this.requestOf(context).stamp };
  }

  attach(context: ExecutionContext, caller: M2MCaller | undefined): void {
    this.requestOf(context).delivered = caller?.clientId;
  }

  async refuse(_context: ExecutionContext, refusal: Refusal): Promise<never> {
    await Promise.resolve();
    throw new ReturnedToSender(refusal);
  }
}

/** Letters that may come without a stamp. */
class StamplessPostTransport extends PostTransport {
  isAnonymous(context: ExecutionContext): boolean {
    return this.requestOf(context).stamp === '';
  }
}

class Letters {
  @RequireScopes('read:letters')
  read(): void {}

  @OptionalToken()
  ask(): void {}

  @Public()
  advertise(): void {}
}

function letter(stamp: string, type = 'post', handler: keyof Letters = 'read'): ExecutionContextHost {
  const text = { m2m: { clientId: 'admin' }, delivered: 'admin' };
  const context = new ExecutionContextHost([text, { stamp }], Letters, Letters.prototype[handler]);
  context.setType(type);
  return context;
}

describe('M2MGuard with a transport that was made up for a test', () => {
  let issuer: TestIssuer;
  let module: TestingModule;
  let guard: M2MGuard;

  beforeAll(async () => {
    issuer = await TestIssuer.start();
  });
  afterAll(() => issuer.stop());

  afterEach(() => module.close());
  beforeEach(async () => {
    const options = { authorizationServer: issuer.authorizationServer, resourceServer: { audience: testAudience } };
    module = await Test.createTestingModule({ imports: [M2MModule.forRoot(options)] }).compile();
    guard = guardWith(M2MGuard, new PostTransport());
  });

  const guardWith = (Guard: typeof M2MGuard, transport: InboundTransport): M2MGuard =>
    new Guard(module.get(M2M_RESOLVED_OPTIONS), module.get(M2MTokenVerifier), module.get(HttpAdapterHost), [transport]);

  it('lets in a caller with a good token and the scopes, whom the handler gets from the guard alone', async () => {
    const stamp = await issuer.mint({ scope: 'read:letters' });
    // The second time, the token is remembered.
    for (const _time of [1, 2]) {
      const context = letter(stamp);
      expect(keptCaller(context)).toBeUndefined();
      expect(await guard.canActivate(context)).toBe(true);
      expect(keptCaller(context)).toMatchObject({ caller: { clientId: testClientId } });
      expect(context.getArgByIndex(1)).toEqual({ stamp, delivered: testClientId });
    }
  });

  it('has the transport refuse everybody else, in its own way', async () => {
    const refusals = [
      ['abc', 401, 'Bearer realm="api", error="invalid_token", error_description="the access token is not valid here"'],
      ['a b', 400, expect.stringContaining('error="invalid_request"')],
      [await issuer.mint({ scope: 'read' }), 403, expect.stringContaining('scope="read:letters"')],
    ] as const;
    for (const [stamp, status, challenge] of refusals) {
      const context = letter(stamp);
      const refused = Promise.resolve(guard.canActivate(context));
      await expect(refused).rejects.toMatchObject({ refusal: { status, challenge } });
      expect(keptCaller(context)).toBeUndefined();
    }
  });

  it('lets nobody in without a token where it is optional, unless the transport tells that none came', async () => {
    const refused = Promise.resolve(guard.canActivate(letter('', 'post', 'ask')));
    await expect(refused).rejects.toThrow(ReturnedToSender);
    guard = guardWith(M2MGuard, new StamplessPostTransport());
    const context = letter('', 'post', 'ask');
    expect(await guard.canActivate(context)).toBe(true);
    expect(keptCaller(context)).toMatchObject({ caller: undefined });
    await expect(Promise.resolve(guard.canActivate(letter('abc', 'post', 'ask')))).rejects.toThrow(ReturnedToSender);
    await expect(Promise.resolve(guard.canActivate(letter('', 'post', 'read')))).rejects.toThrow(ReturnedToSender);
  });

  it('asks no transport about what is public', () => {
    expect(guard.canActivate(letter('', 'post', 'advertise'))).toBe(true);
    expect(guard.canActivate(letter('', 'parcel', 'advertise'))).toBe(true);
  });

  it.each(['http', 'parcel'])('refuses what comes in another way, and names the handler: %s', async (type) => {
    const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    expect(guard.canActivate(letter(await issuer.mint({ scope: 'read:letters' }), type))).toBe(false);
    expect(String(error.mock.lastCall?.[0])).toMatch(
      /^M2M-3001 Letters\.read was refused: M2MGuard has no transport for .*; write: @Public\(\) on Letters/,
    );
    error.mockRestore();
  });

  it('lets in no users, whom passport knows from HTTP requests only', async () => {
    const Either = M2MGuard.or('users');
    const either = guardWith(Either as unknown as typeof M2MGuard, new PostTransport());
    await expect(Promise.resolve(either.canActivate(letter('abc')))).rejects.toThrow(ReturnedToSender);
    expect(await either.canActivate(letter(await issuer.mint({ scope: 'read:letters' })))).toBe(true);
  });
});
