import { expect } from '@jest/globals';
import { post } from './basic-client.js';
import { tokenOf } from './caller.js';
import { TOKEN_EXCHANGE, type RealServer, type ServerDescription } from './real-server.js';

/** Says that a server exchanges no tokens, and proves it with a good one. */
export const NO_TOKEN_EXCHANGE: ServerDescription['lacks'] = {
  'A call on behalf of its caller carries a token of that caller': {
    reason: 'The server does not know the grant `token-exchange`',
    proof: async ({ authorizationServer, clients: { client_secret_basic: client } }: RealServer) => {
      const answer = await post(authorizationServer.issuer, 'token_endpoint', client, {
        grant_type: TOKEN_EXCHANGE,
        subject_token: await tokenOf({ authorizationServer, ...client }),
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      });
      expect(answer.status).toBe(400);
      expect(['', 'invalid_request', 'unsupported_grant_type']).toContain(await errorOf(answer));
    },
  },
};

async function errorOf(answer: Response): Promise<string> {
  const text = await answer.text();
  return text && (JSON.parse(text) as { error: string }).error;
}
