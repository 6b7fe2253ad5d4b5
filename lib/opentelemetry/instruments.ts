/** What an instrument is made with. */
export interface Instrument {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** Everything that is measured. There are no conventions of OpenTelemetry for OAuth. */
export const INSTRUMENTS = {
  tokenRequests: {
    name: 'm2m.client.token.requests',
    unit: '{request}',
    description: 'Requests sent to the token endpoint, repeated ones included.',
  },
  tokenRequestDuration: {
    name: 'm2m.client.token.request.duration',
    unit: 's',
    description: 'Time until a token was there or could not be had, further attempts and pauses included.',
  },
  tokens: {
    name: 'm2m.client.tokens',
    unit: '{token}',
    description: 'Tokens that calls got, and tokens that came, by their source.',
  },
  tokenRemaining: {
    name: 'm2m.client.token.remaining',
    unit: 's',
    description: 'Time until the token at hand expires; 0 if it has expired. One that nobody needs is not renewed.',
  },
  tokenLifetime: {
    name: 'm2m.client.token.lifetime',
    unit: 's',
    description: 'Time that the token at hand lived when it came.',
  },
  waits: {
    name: 'm2m.client.waits',
    unit: '{call}',
    description: 'Calls that had to wait for a token.',
  },
  clockSkew: {
    name: 'm2m.client.clock.skew',
    unit: 's',
    description: 'Time that the clock of the authorization server is ahead of this one.',
  },
  verifications: {
    name: 'm2m.server.verifications',
    unit: '{token}',
    description: 'Tokens that were accepted or refused.',
  },
  verificationDuration: {
    name: 'm2m.server.verification.duration',
    unit: 's',
    description: 'Time that the verification of a token took which was not in the cache.',
  },
  keySetAge: {
    name: 'm2m.server.key_set.age',
    unit: 's',
    description: 'Time since the key set was fetched.',
  },
} as const satisfies Record<string, Instrument>;
