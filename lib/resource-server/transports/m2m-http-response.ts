import { isObject } from '../../validation/checks.js';

/** What is needed of Node's response, which is that of Express too. */
export interface M2MNodeResponse {
  /** The status that is sent. */
  statusCode: number;
  /** Whether status and headers are on their way. */
  readonly headersSent: boolean;
  /** Whether `end()` was called. */
  readonly writableEnded: boolean;
  /** A header that is set, and not sent yet. */
  getHeader(name: string): unknown;
  /** Sets a header; a list makes a header of each value. */
  setHeader(name: string, value: string | readonly string[]): unknown;
  /** Takes a header back. */
  removeHeader(name: string): unknown;
  /** Sends status and headers. Node calls it for every response. */
  writeHead(status: number, ...more: unknown[]): unknown;
  /** Sends the rest of the response. */
  end(body: string): unknown;
}

/** What is needed of Fastify's reply. */
export interface M2MFastifyReply {
  /** Node's response below it. */
  readonly raw: M2MNodeResponse;
  /** Whether it is sent, or left to other code by `hijack()`. */
  readonly sent: boolean;
  /** A header of the reply, or of the response below it. */
  getHeader(name: string): unknown;
  /** Sets a header. */
  header(name: string, value: unknown): unknown;
  /** Takes a header back. */
  removeHeader(name: string): unknown;
  /** Sets the status. */
  code(status: number): unknown;
  /** Sends the reply. */
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
