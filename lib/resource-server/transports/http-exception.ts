import { STATUS_CODES } from 'node:http';
import {
  BadRequestException,
  ForbiddenException,
  ServiceUnavailableException,
  UnauthorizedException,
  type HttpException,
} from '@nestjs/common';
import type { Refusal } from './refusal.js';

const EXCEPTIONS = {
  400: BadRequestException,
  401: UnauthorizedException,
  403: ForbiddenException,
  503: ServiceUnavailableException,
} as const;

/** Nest's exception for a refusal. The cause is for the application; nothing of it is answered. */
export function httpExceptionOf({ status, description, cause }: Refusal): HttpException {
  return new EXCEPTIONS[status](description, { cause, description: STATUS_CODES[status] });
}
