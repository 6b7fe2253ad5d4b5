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

const get = (path: string) => ({ method: 'get', path });

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
    ['/products[:]batch', '/products:batch'],
    ['/products{.:format}', '/products.{format}'],
    ['/prices{-list}', '/prices-list'],
    ['/a\\+b/:id', '/a+b/{id}'],
    ['/straße/:größe', '/straße/{größe}'],
    ['/products/:"product-id"', '/products/{product-id}'],
    ['/a/*/b/*/c', '/a/{path2}/b/{path6}/c'],
    ['/products/', '/products'],
  ])('of %s are found by %s', (path, documented) => {
    const list = handler('list', 'GET', '/other', path);
    const routes = new DocumentedRoutes([handler('other', 'GET', '/products/:id/other'), list], '', []);
    expect(routes.find(get(documented))).toEqual([list]);
  });

  it('are those with its names of parameters, if paths differ in them only (claim 4.14)', () => {
    const [one, rest, version] = [
      handler('one', 'GET', '/a/:id'),
      handler('rest', 'GET', '/a/*rest'),
      handler('version', 'GET', '/a/:id'),
    ];
    const routes = new DocumentedRoutes([one, rest, version], '', []);
    expect(routes.find(get('/a/{id}'))).toEqual([one, version]);
    expect(routes.find(get('/a/{rest}'))).toEqual([rest]);
    expect(routes.find(get('/a/{other}'))).toEqual([one, rest, version]);
  });

  it('are of its method, or of all methods', () => {
    const [list, create, every] = [
      handler('list', 'GET', '/a'),
      handler('create', 'POST', '/a'),
      handler('every', 'ALL', '/a'),
    ];
    const routes = new DocumentedRoutes([list, create, every], '', []);
    expect(routes.find({ method: 'post', path: '/a' })).toEqual([create, every]);
  });

  it.each(['api', '/api/', 'api/:tenant'])(
    'are found without the global prefix %s if the document leaves it out',
    (prefix) => {
      const path = `/${prefix}/a`.replaceAll(/\/+/g, '/');
      const [prefixed, excluded] = [handler('prefixed', 'GET', path), handler('excluded', 'GET', '/b')];
      const whole = get(path.replace(':tenant', '{tenant}'));
      expect(new DocumentedRoutes([prefixed, excluded], prefix, [whole, get('/b')]).find(whole)).toEqual([prefixed]);
      const short = new DocumentedRoutes([prefixed, excluded], prefix, [get('/a'), get('/b'), get('/c')]);
      expect(short.find(get('/a'))).toEqual([prefixed]);
      expect(short.find(get('/b'))).toEqual([excluded]);
      expect(short.find(get('/c'))).toEqual([]);
      expect(short.find(get('/'))).toEqual([]);
    },
  );

  it('are not those of a path that reads alike with the global prefix', () => {
    const [open, secret] = [handler('open', 'GET', '/api'), handler('secret', 'GET', '/api/api')];
    const short = new DocumentedRoutes([open, secret], 'api', [get('/'), get('/api')]);
    expect([short.find(get('/')), short.find(get('/api'))]).toEqual([[open], [secret]]);
    const whole = new DocumentedRoutes([open, secret], 'api', [get('/api'), get('/api/api')]);
    expect([whole.find(get('/api')), whole.find(get('/api/api'))]).toEqual([[open], [secret]]);
  });
});
