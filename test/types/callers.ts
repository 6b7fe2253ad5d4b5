// What a guarded API sees of its callers, and what a calling service sees of its tokens.
import { HttpService } from '@nestjs/axios';
import { Controller, Get, Injectable, ParseIntPipe, UseGuards } from '@nestjs/common';
import {
  AllowClients,
  Caller,
  getM2MHttpToken,
  InjectM2MClient,
  InjectM2MHttp,
  InsufficientScopeError,
  isM2MError,
  M2MClientService,
  M2MGuard,
  M2MTokenVerifier,
  OptionalToken,
  Public,
  RequireAnyScope,
  RequireAudience,
  RequireScopes,
  type AccessToken,
  type M2MCaller,
  type M2MCallerField,
} from 'nestjs-m2m';

@Controller('products')
@UseGuards(M2MGuard)
@AllowClients('orders', { issuer: 'https://partner.example.com', clientId: 'billing' })
export class ProductsController {
  @Get()
  @RequireScopes('read:products', 'read:prices')
  @RequireAnyScope('write:products', 'admin')
  list(@Caller() caller: M2MCaller): boolean {
    const { clientId, scopes, expiresAt }: { clientId: string; scopes: readonly string[]; expiresAt: number } = caller;
    return caller.hasScope('admin') || scopes.includes(clientId) || expiresAt < Date.now();
  }

  @Get('report')
  @RequireAudience('https://admin-api')
  report(@Caller('clientId') clientId: string, @Caller('expiresAt', ParseIntPipe) expiresAt: number): string {
    return `${clientId} ${expiresAt}`;
  }

  @Get('health')
  @Public()
  health(): void {}
}

@Controller('prices')
@UseGuards(M2MGuard)
@OptionalToken()
export class PricesController {
  @Get()
  list(@Caller() caller: M2MCaller | undefined, @Caller('scopes') scopes?: readonly string[]): number {
    // @ts-expect-error a request may have come without a token
    void caller.clientId;
    return caller?.hasScope('read:prices') ? 1 : (scopes?.length ?? 0);
  }
}

const field: M2MCallerField = 'organization';
Caller(field);
Caller();
// @ts-expect-error there is no such field
Caller('clientID');
// @ts-expect-error a method is no field
Caller('hasScope');

@Injectable()
export class Orders {
  constructor(
    @InjectM2MHttp('shop') readonly shop: HttpService,
    @InjectM2MClient('billing') readonly billing: M2MClientService,
    readonly client: M2MClientService,
    readonly verifier: M2MTokenVerifier,
  ) {}

  async tokens(): Promise<void> {
    const value: string = await this.client.getToken({
      target: 'shop',
      scope: ['read'],
      signal: new AbortController().signal,
    });
    const token: AccessToken = await this.client.getAccessToken();
    const caller: M2MCaller = await this.verifier.verify(value);
    const response: Response = await this.client.fetch('https://shop.example.com', { method: 'POST' });
    await this.client.client('billing').invalidate({ target: 'shop' });
    this.client.events$.subscribe((event) => {
      if (event.type === 'issued') event.lifetime.toFixed();
      // @ts-expect-error only an issued or renewed token has a lifetime
      event.lifetime.toFixed();
    });

    // @ts-expect-error what was verified cannot be changed
    caller.clientId = 'admin';
    // @ts-expect-error what was verified cannot be changed
    caller.scopes.push('admin');
    // @ts-expect-error a token cannot be changed
    token.value = 'another';
    // @ts-expect-error there is no such field
    await this.client.getToken({ scopes: ['read'] });
    // @ts-expect-error a token is awaited
    const immediate: string = this.client.getToken();
    void [response, immediate];
  }
}

export function codeOf(error: unknown): string | undefined {
  if (error instanceof InsufficientScopeError) return error.code;
  return isM2MError(error) ? error.code : undefined;
}

export const provider = { provide: getM2MHttpToken('shop'), useValue: new HttpService() };

const scopes = ['read:products', 'read:prices'] as const;
RequireScopes(...scopes);
RequireAnyScope(...(scopes as readonly string[]));
AllowClients(...scopes, { issuer: 'https://partner.example.com', clientId: 'orders' });
// @ts-expect-error no scope is no condition
RequireScopes();
// @ts-expect-error no scope is no condition
RequireAnyScope();
// @ts-expect-error no client is no condition
AllowClients();
// @ts-expect-error no audience is no condition
RequireAudience();
// @ts-expect-error both would have to hold: one decorator for each
RequireAudience('https://shop-api', 'https://admin-api');
// @ts-expect-error it takes no arguments
OptionalToken('read:products');
// @ts-expect-error scopes are strings
RequireScopes(['read:products']);
// @ts-expect-error an issuer alone names no client
AllowClients({ issuer: 'https://partner.example.com' });
