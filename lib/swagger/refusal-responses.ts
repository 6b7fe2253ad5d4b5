import type { ResponseObject } from './openapi-document.js';

/** What a refusal is answered with, unless a filter of the application says otherwise. */
const content: ResponseObject['content'] = {
  'application/json': {
    schema: {
      type: 'object',
      properties: { statusCode: { type: 'integer' }, message: { type: 'string' }, error: { type: 'string' } },
      required: ['statusCode', 'message'],
    },
  },
};

const challenge = {
  'WWW-Authenticate': { description: 'RFC 6750, section 3', schema: { type: 'string' } },
};

/** The answers of the guard, by their status: the name of the component, and what it says. */
export const REFUSAL_RESPONSES: ReadonlyMap<string, { readonly name: string; readonly response: ResponseObject }> =
  new Map([
    [
      '401',
      {
        name: 'M2MUnauthorized',
        response: { description: 'No access token came, or it is not valid here.', headers: challenge, content },
      },
    ],
    [
      '403',
      {
        name: 'M2MForbidden',
        response: {
          description: 'The access token lacks a scope that is needed here, or its client is not allowed.',
          headers: challenge,
          content,
        },
      },
    ],
    [
      '503',
      {
        name: 'M2MServiceUnavailable',
        response: {
          description: 'Access tokens cannot be verified at the moment.',
          headers: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } },
          content,
        },
      },
    ],
  ]);
