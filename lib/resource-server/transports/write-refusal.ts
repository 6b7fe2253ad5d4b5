import { httpExceptionOf } from './http-exception.js';
import { isReply, type M2MHttpResponse } from './m2m-http-response.js';
import type { Refusal } from './refusal.js';
import { setRefusalHeaders } from './refusal-headers.js';

/** Answers a refused request, as Nest does for the guard. */
export function writeRefusal(response: M2MHttpResponse, refusal: Refusal): void {
  setRefusalHeaders(response, refusal);
  const body = httpExceptionOf(refusal).getResponse() as object;
  if (isReply(response)) {
    response.code(refusal.status);
    response.send(body);
    return;
  }
  const text = JSON.stringify(body);
  response.statusCode = refusal.status;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', String(Buffer.byteLength(text)));
  response.end(text);
}
