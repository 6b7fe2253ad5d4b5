import { Catch, HttpException, type ArgumentsHost } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { isM2MError } from '../../../../lib/index.js';

@Catch(HttpException)
export class RefusalFilter extends BaseExceptionFilter {
  override catch(exception: HttpException, host: ArgumentsHost) {
    const status = exception.getStatus();
    const isRefusal = isM2MError(exception.cause);
    // Not the message of the cause: the reason is not for the caller.
    super.catch(isRefusal ? new HttpException({ status, title: exception.message }, status) : exception, host);
  }
}
