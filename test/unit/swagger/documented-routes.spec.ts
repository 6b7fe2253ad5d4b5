import { describe, expect, it } from '@jest/globals';
import type { M2MHandler } from '../../../lib/resource-server/handler-audit/listed-handlers.js';
import { DocumentedRoutes } from '../../../lib/swagger/documented-routes.js';

class ProductsController {}

function handler(method: string, httpMethod: string, ...paths: string[]): M2MHandler {
  return {
    transport: 'http',
    class: ProductsController,
    method,
    conditions: [],
    guarded: 'm2m',
    userStrategies: [],
    httpMethod,
    paths,
    versions: undefined,
    pattern: undefined,
  };
}

describe('the handlers of an operation', () => {
  it.each([
    ['/', '/'],
    ['/products/:id', '/products/{id}'],
    ['/products/:id/parts/:part', '/products/{id}/parts/{part}'],
    ['/products/:from-:to', '/products/{from}-{to}'],
    ['/products/:id.json', '/products/{id}.json'],
    ['/products{/:id}', '/products/{id}'],
    ['/files/*path', '/files/{path}'],
    ['/files/*', '/files/{path}'],
    ['/files/(.*)', '/files/{path}'],
    ['/products/:id(^\\d+$)', '/products/{id}'],
    ['/products\\:batch', '/products:batch'],
    ['/products::batch', '/products:batch'],
  ])('of %s are found by %s', (path, documented) => {
    const list = handler('list', 'GET', '/other', path);
    const routes = new DocumentedRoutes([handler('other', 'GET', '/products/:id/other'), list], '');
    expect(routes.find('get', documented)).toEqual([list]);
  });

  it('are of its method, or of all methods', () => {
    const [list, create, every] = [
      handler('list', 'GET', '/a'),
      handler('create', 'POST', '/a'),
      handler('every', 'ALL', '/a'),
    ];
    expect(new DocumentedRoutes([list, create, every], '').find('post', '/a')).toEqual([create, every]);
  });

  it.each(['api', '/api/', 'api/:tenant'])(
    'are found without the global prefix %s, if no path is found with it',
    (prefix) => {
      const path = `/${prefix}/a`.replaceAll(/\/+/g, '/');
      const [prefixed, excluded] = [handler('prefixed', 'GET', path), handler('excluded', 'GET', '/b')];
      const routes = new DocumentedRoutes([prefixed, excluded], prefix);
      expect(routes.find('get', path.replace(':tenant', '{tenant}'))).toEqual([prefixed]);
      expect(routes.find('get', '/a')).toEqual([prefixed]);
      expect(routes.find('get', '/b')).toEqual([excluded]);
      expect(routes.find('get', '/c')).toEqual([]);
    },
  );
});
