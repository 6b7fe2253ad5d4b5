import { Injectable, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { M2MGuard, type M2MRequest } from '../../../../lib/index.js';

/** Counts the requests of each address, those without a good token too. */
@Injectable()
export class AddressThrottlerGuard extends ThrottlerGuard {
  override async onModuleInit() {
    await super.onModuleInit();
    this.throttlers = this.throttlers.filter(({ name }) => name === 'address');
  }
}

/** Counts the requests of each client. */
@Injectable()
export class ClientThrottlerGuard extends ThrottlerGuard {
  override async onModuleInit() {
    await super.onModuleInit();
    this.throttlers = this.throttlers.filter(({ name }) => name === 'client');
  }

  protected override async getTracker({ m2m, ip }: M2MRequest & { ip: string }) {
    return m2m ? `${m2m.issuer} ${m2m.clientId}` : ip;
  }
}

@Module({
  imports: [
    ThrottlerModule.forRoot([
      { name: 'address', ttl: 60_000, limit: 600 },
      { name: 'client', ttl: 60_000, limit: 100 },
    ]),
  ],
  providers: [
    // Guards run in this order.
    { provide: APP_GUARD, useClass: AddressThrottlerGuard },
    { provide: APP_GUARD, useExisting: M2MGuard },
    { provide: APP_GUARD, useClass: ClientThrottlerGuard },
  ],
})
export class ThrottlingModule {}
