// What `transports` takes.
import { graphql, M2MModule, type InboundTransportOption } from 'nestjs-m2m';

const transports: readonly InboundTransportOption[] = [graphql()];
export const module = M2MModule.forRoot({
  authorizationServer: { name: 'test', issuer: 'https://id.test' },
  resourceServer: { audience: 'https://api.test', transports },
});

export const wrong = M2MModule.forRoot({
  authorizationServer: { name: 'test', issuer: 'https://id.test' },
  resourceServer: {
    audience: 'https://api.test',
    // @ts-expect-error the function is called
    transports: [graphql],
  },
});
