import type { Platform } from '../support/guarded-app.js';
import { sendRaw, type RawResponse } from '../support/raw-request.js';
import { answers, type ConformanceRequest } from './conformance-request.js';

/** What requests were answered, where it is not what they must be. */
export async function wrongAnswers(
  url: string,
  requests: readonly ConformanceRequest[],
  platform: Platform,
): Promise<object[]> {
  const wrong: object[] = [];
  for (const { name, answer, requestLine = 'GET /products', headers, body } of requests) {
    const got = await sendRaw(url, [`${requestLine} HTTP/1.1`, ...headers], body);
    const seen = { status: got.status, challenge: got.headers['www-authenticate'], isRetried: isRetried(got) };
    const { status, challenge } = answers[typeof answer === 'string' ? answer : answer[platform]];
    const isRight = seen.status === status && seen.challenge === challenge && seen.isRetried === (status === 503);
    if (!isRight) wrong.push({ name, expected: answer, ...seen });
    else if (status !== 200 && !isConstant(got.body, requestLine)) wrong.push({ name, body: got.body });
    if ('set-cookie' in got.headers) wrong.push({ name, headers: got.headers });
  }
  return wrong;
}

/** Whether an answer says in how many seconds to come again: the default cooldown at most. */
function isRetried({ headers: { 'retry-after': seconds = '' } }: RawResponse): boolean {
  return /^[1-9]\d?$/.test(seconds) && Number(seconds) <= 30;
}

/** A refusal's body has the members of Nest's exceptions, and one of our few sentences. */
function isConstant(body: string, requestLine: string): boolean {
  if (requestLine.startsWith('HEAD')) return body === '';
  const { statusCode, message, error, ...rest } = JSON.parse(body) as Record<string, unknown>;
  return (
    Object.keys(rest).length === 0 &&
    typeof statusCode === 'number' &&
    typeof error === 'string' &&
    messages.has(String(message))
  );
}

const messages = new Set([
  'an access token is needed',
  'one access token is needed, in one Authorization header',
  'the access token is not valid here',
  'the access token lacks a scope that is needed here',
  'this caller is not allowed',
  'access tokens cannot be verified at the moment',
]);
