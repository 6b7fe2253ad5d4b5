import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** A running application of the documentation. */
export interface RunningModule extends AsyncDisposable {
  readonly app: INestApplication;
  readonly url: string;
}

/** Starts an application of the documentation on a free port. */
export async function startModule(module: Type): Promise<RunningModule> {
  const app = await NestFactory.create(module, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), [Symbol.asyncDispose]: () => app.close() };
}

/** How a request is answered: the status, and the body if it is a success. */
export async function answerOf(url: string, token?: string): Promise<[status: number, body: string]> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(url, { headers });
  return [answer.status, answer.ok ? await answer.text() : ''];
}
