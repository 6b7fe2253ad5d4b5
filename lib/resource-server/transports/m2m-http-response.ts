import { isObject } from '../../validation/checks.js';

/** What is needed of Node's response, which is that of Express too. */
export interface M2MNodeResponse {
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string | readonly string[]): unknown;
  removeHeader(name: string): unknown;
  writeHead(status: number, ...more: unknown[]): unknown;
  end(body: string): unknown;
}

/** What is needed of Fastify's reply. */
export interface M2MFastifyReply {
  readonly raw: M2MNodeResponse;
  readonly sent: boolean;
  getHeader(name: string): unknown;
  header(name: string, value: unknown): unknown;
  removeHeader(name: string): unknown;
  code(status: number): unknown;
  send(body: object): unknown;
}

/** A response that can be refused with: that of Express or of Node itself, or a reply of Fastify. */
export type M2MHttpResponse = M2MNodeResponse | M2MFastifyReply;

/** Whether a value is one: other adapters of Nest have responses of their own. */
export function isHttpResponse(response: unknown): response is M2MHttpResponse {
  if (!isObject(response)) return false;
  return typeof nodeResponseOf(response as unknown as M2MHttpResponse).writeHead === 'function';
}

/** Node's response, below Fastify's reply. */
export function nodeResponseOf(response: M2MHttpResponse): M2MNodeResponse {
  return isReply(response) ? response.raw : response;
}

/** Whether a response is Fastify's. */
export function isReply(response: M2MHttpResponse): response is M2MFastifyReply {
  return isObject((response as M2MFastifyReply).raw);
}

/** Whether a response is on its way, or left to other code. */
export function isSent(response: M2MHttpResponse): boolean {
  const { headersSent, writableEnded } = nodeResponseOf(response);
  return headersSent || writableEnded || (isReply(response) && response.sent);
}
