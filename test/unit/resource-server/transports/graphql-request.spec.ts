import { describe, expect, it } from '@jest/globals';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { graphqlRequestOf } from '../../../../lib/resource-server/transports/graphql-request.js';

const request = { headers: { authorization: 'Bearer abc' } };

function read(...args: unknown[]) {
  return graphqlRequestOf(new ExecutionContextHost(args as object[]));
}

describe('graphqlRequestOf', () => {
  it('finds the request in the context of a field, and in that of a reference, which has no arguments', () => {
    const sent = { req: { headers: { authorization: 'Bearer of the sender' } } };
    expect(read(undefined, sent, { req: request }, {})?.request).toBe(request);
    expect(read(sent, { req: request }, {})?.request).toBe(request);
  });

  it("takes Node's request for what stands for one of Fastify", () => {
    const raw = {};
    expect(read(undefined, {}, { req: { ...request, raw } }, {})).toMatchObject({ node: raw, isLasting: false });
    expect(read(undefined, {}, { req: request }, {})?.node).toBe(request);
  });

  it.each([
    ['nothing', undefined],
    ['a text', 'req'],
    ['no request', {}],
    ['a request without headers', { req: {} }],
    ['parameters of a connection without its request', { req: { connectionParams: request.headers, extra: {} } }],
  ])('finds none in a context that is %s', (_name, context) => {
    expect(read(undefined, { req: request }, context, {})).toBeUndefined();
  });

  it('takes an operation for lasting if it is a subscription, or came by an upgraded connection, and not by a header', () => {
    const subscription = { operation: { operation: 'subscription' } };
    const asksForUpgrade = { headers: { ...request.headers, upgrade: 'websocket' } };
    expect(read(undefined, {}, { req: request }, subscription)?.isLasting).toBe(true);
    expect(read(undefined, {}, { req: { ...request, upgrade: true } }, {})?.isLasting).toBe(true);
    expect(read(undefined, {}, { req: asksForUpgrade }, {})?.isLasting).toBe(false);
  });
});
