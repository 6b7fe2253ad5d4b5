import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

@Catch(HttpException)
export class RawReplyFilter implements ExceptionFilter<HttpException> {
  catch(exception: HttpException, host: ArgumentsHost): void {
    const status = exception.getStatus();
    const { raw } = host.switchToHttp().getResponse<FastifyReply>().hijack();
    // What stands on Node's response is sent along: the challenge of a refusal, too.
    raw.writeHead(status, { 'content-type': 'application/problem+json' });
    raw.end(JSON.stringify({ status, title: exception.message }));
  }
}
