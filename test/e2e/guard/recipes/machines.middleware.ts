import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import { M2MTokenVerifier, type M2MHttpRequest, type M2MHttpResponse, type M2MRequest } from '../../../../lib/index.js';

@Injectable()
export class MachinesMiddleware implements NestMiddleware<M2MHttpRequest, M2MHttpResponse> {
  constructor(@Inject(M2MTokenVerifier) private readonly verifier: M2MTokenVerifier) {}

  async use(request: M2MRequest, response: M2MHttpResponse, next: () => void): Promise<void> {
    try {
      request.m2m = await this.verifier.verifyRequest(request);
    } catch (error) {
      return this.verifier.refuse(error, response);
    }
    next();
  }
}
