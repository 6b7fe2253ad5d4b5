import { STATUS_CODES } from 'node:http';
import {
  BadRequestException,
  ForbiddenException,
  ServiceUnavailableException,
  UnauthorizedException,
  type HttpException,
  type HttpExceptionOptions,
} from '@nestjs/common';
import type { Refusal } from './refusal.js';

const exceptions = {
  400: BadRequestException,
  401: UnauthorizedException,
  403: ForbiddenException,
  503: ServiceUnavailableException,
} as const;

/** Nest's exception for a refusal. The cause is for the application; nothing of it is answered. */
export function toHttpException({ status, description }: Refusal, cause: unknown): HttpException {
  const options: HttpExceptionOptions = { cause, description: STATUS_CODES[status] };
  return new exceptions[status](description, options);
}
