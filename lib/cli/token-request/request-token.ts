import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { M2MClientService } from '../../client/m2m-client.service.js';
import type { TokenRequest } from '../../client/token-request.js';
import type { AccessToken } from '../../client/tokens/token/access-token.js';
import { M2MModule } from '../../m2m.module.js';
import type { M2MModuleOptions } from '../../options/module-options.js';

@Module({})
class TokenModule {}

/** Requests a token as an application with these options does. @throws the errors of M2MClientService.getAccessToken */
export async function requestToken(options: M2MModuleOptions, request?: TokenRequest): Promise<AccessToken> {
  const application = { module: TokenModule, imports: [M2MModule.forRoot(options)] };
  const app = await NestFactory.createApplicationContext(application, { logger: false, abortOnError: false });
  try {
    return await app.get(M2MClientService).getAccessToken(request);
  } finally {
    await app.close();
  }
}
