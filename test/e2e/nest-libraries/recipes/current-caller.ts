import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { M2MRequest } from '../../../../lib/index.js';

@Injectable({ scope: Scope.REQUEST })
export class CurrentCaller {
  constructor(@Inject(REQUEST) private readonly request: M2MRequest) {}

  /** `undefined` until the guard has run, and on a public route. */
  get clientId() {
    return this.request.m2m?.clientId;
  }
}
