import { ClientRequest } from 'node:http';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { saysInvalidToken } from './schemes/challenges.js';

/** Whether a target refused the token of a request, in the way that its `renewOn401` listens to. */
export function isRejection(response: AxiosResponse, renewOn401: ResolvedTarget['renewOn401'], token: string): boolean {
  if (response.status !== 401 || renewOn401 === 'never' || !carried(response.request, token)) return false;
  return renewOn401 === 'any' || saysInvalidToken(String(response.headers['www-authenticate'] ?? ''));
}

/** After redirects, the request that was answered may be one that did not take the token along. */
function carried(request: unknown, token: string): boolean {
  return !(request instanceof ClientRequest) || request.getHeader('authorization') === `Bearer ${token}`;
}

/** Whether a request can be sent once more: a stream is used up. */
export function isReplayable({ data }: InternalAxiosRequestConfig): boolean {
  const body: unknown = data;
  return typeof body !== 'object' || body === null || !('pipe' in body || Symbol.asyncIterator in body);
}

/** Whether a response shows that the target accepted the token; a server error shows nothing. */
export function isAcceptance({ status }: AxiosResponse): boolean {
  return status !== 401 && status < 500;
}
