import { expect } from '@jest/globals';
import type { Outcome } from './outcome.js';

/** How a call through us may differ. */
export interface IntendedDifference {
  readonly why: string;
  /** The outcome through us. @default that of plain Axios */
  readonly outcome?: (plain: Outcome) => unknown;
  /** How many requests carry the token. @default all */
  readonly tokens?: number;
}

const noToken = (why: string): IntendedDifference => ({ why, tokens: 0 });

const notFollowed: IntendedDifference = {
  why: 'the fetch adapter asks nobody before it follows a redirect, so it could take the token anywhere',
  outcome: () =>
    expect.objectContaining({
      error: expect.objectContaining({
        message: expect.stringMatching(/status code 30[27]$/),
        code: 'ERR_BAD_RESPONSE',
      }),
    }),
  tokens: 1,
};

const redirects = [
  'a redirect',
  'a redirect after post',
  'a redirect after post that keeps the method',
  'a redirect with params',
  'a redirect to an absolute URL',
  'a redirect out of the target',
  'maxRedirects that are exceeded',
  'beforeRedirect',
  'beforeRedirect that throws',
];

/** Everything in which a call through us differs from one of plain Axios, beside the token. */
export const INTENDED: Readonly<Record<string, IntendedDifference>> = {
  'credentials of its own in auth': noToken('the credentials that a caller gives are sent'),
  'credentials of its own in a header': noToken('the credentials that a caller gives are sent'),
  lookup: noToken('m2m: false'),
  'an instance made of it': noToken('the tokens are attached to the instance alone'),
  'a URL object': {
    why: 'the URL that was checked is sent, and it is one',
    outcome: () => expect.objectContaining({ result: expect.objectContaining({ status: 200 }) }),
    tokens: 1,
  },
  'an adapter of its own': {
    why: 'the response tells the URL that was checked',
    outcome: (plain) => ({
      ...plain,
      result: { ...(plain.result as object), responseUrl: expect.stringMatching(/\/api\/json$/) },
    }),
  },
  'fetch: an adapter of its own': { why: 'the fetch adapter tells no URL' },
  'http: a redirect out of the target': {
    why: 'a redirect out of the target is followed without the token',
    tokens: 1,
  },
  'http: status 401': {
    why: 'the first 401 without a challenge buys another token, with which the request is sent again',
    outcome: (plain) => ({ ...plain, arrived: [...plain.arrived, ...plain.arrived] }),
    tokens: 2,
  },
  ...Object.fromEntries(redirects.map((name) => [`fetch: ${name}`, notFollowed])),
};
