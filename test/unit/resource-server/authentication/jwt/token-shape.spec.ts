import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { tokenShape } from '../../../../../lib/resource-server/authentication/jwt/token-shape.js';

const header = Buffer.from('{"alg":"RS256"}').toString('base64url');

describe('tokenShape', () => {
  it.each([
    ['', 'nothing comes after the word Bearer'],
    ['Bearer eyJh.eyJz.sig', 'the word Bearer comes twice'],
    [' bearer x', 'the word Bearer comes twice'],
    ['"eyJh.eyJz.sig"', 'it is in quotation marks'],
    ['%22eyJh', 'it is in quotation marks'],
    ['undefined', 'it looks like a variable without a value'],
    ['null', 'it looks like a variable without a value'],
    ['[object Promise]', 'it looks like a variable without a value'],
    ['${TOKEN}', 'it looks like a variable without a value'],
    ['{{token}}', 'it looks like a variable without a value'],
    ['<token>', 'it looks like a variable without a value'],
    ['aaa bbb', 'it is more than one word'],
    ['aaa,bbb', 'it is more than one word'],
    // Auth0 without an audience: direct encryption, so that the second part is empty.
    [`${header}..aXY.Y2lwaGVy.dGFn`, 'at Auth0 request it with an audience'],
    [`${header}.a2V5.aXY.Y2lwaGVy.dGFn`, 'it looks like an encrypted token (JWE)'],
    [`${header}.e30`, 'it looks like a JWT without a signature'],
    [`${header}.e30.`, 'it looks like a JWT without a signature'],
    [`${header}.e30=.c2ln`, 'in base64, and not in base64url'],
    [`${header}.e30.a+/b`, 'in base64, and not in base64url'],
    [header, 'it looks like a part of a JWT'],
    ['sk_live_4eC39HqLyjWDarjtT1zdp7dc', 'an API key or a personal access token'],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', 'an API key or a personal access token'],
    ['glpat-20characterslong00', 'an API key or a personal access token'],
    [Buffer.from('orders:s3cret').toString('base64'), 'it looks like a client id and secret'],
    [
      '6d2fa3e4-2b1c-4a57-9c1e-7f3d0f1b2a3c',
      'it looks like an opaque token; to get a JWT, request it with an audience',
    ],
    ['ory_at_0xk3D1fA', 'it looks like an opaque token'],
    // Hydra's have two parts.
    ['ory_at_0xk3D1fA.b7Gq-_9', 'it looks like an opaque token'],
    ['aaaa.bbbb.cccc.dddd', 'it looks like an opaque token'],
  ])('says of %j: %s', (text, description) => {
    expect(tokenShape(text)).toContain(description);
  });

  it('shows nothing of the text: it answers one of a dozen fixed texts', () => {
    const texts = fc.oneof(fc.string(), fc.base64String(), fc.stringMatching(/^[\w-]+(\.[\w-]*){0,5}$/));
    const answers = new Set(fc.sample(texts, 5000).map(tokenShape));
    expect(answers.size).toBeLessThanOrEqual(13);
  });
});
