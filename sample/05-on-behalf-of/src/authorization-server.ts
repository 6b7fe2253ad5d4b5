import { TestAuthorizationServer } from 'nestjs-m2m/testing';

/** The APIs, as tokens name them in `aud`. */
export const ORDERS_API = 'https://orders.example.com';
export const PRODUCTS_API = 'https://products.example.com';

/** The test server of the package, on this machine. It exchanges tokens as RFC 8693 says, and has no page to log in. */
export function startAuthorizationServer(port: number): Promise<TestAuthorizationServer> {
  return TestAuthorizationServer.start({
    port,
    clients: {
      // The website that users log in to. It may call orders, and not products.
      web: { resources: [ORDERS_API] },
      orders: { secret: 'orders-secret', resources: [PRODUCTS_API] },
    },
    resources: { [ORDERS_API]: ['read:orders'], [PRODUCTS_API]: ['read:products'] },
  });
}
