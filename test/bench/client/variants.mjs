// The same call, with a token attached in every way that is compared. Each is made for an API and a token endpoint, and
// gives back a function that calls the API once and resolves to the status.
import 'reflect-metadata';
import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
import { HttpService } from '@nestjs/axios';
import { NestFactory } from '@nestjs/core';
import { clientCredentials } from 'axios-oauth-client';
import tokenInterceptor from 'axios-token-interceptor';
import * as openid from 'openid-client';

const { M2MClientService, M2MModule } = await import(process.env.NESTJS_M2M ?? '../../../dist/index.js');

/** The copy that Nest applications use, and not the one that npm installs for the others in this folder. */
const axios = new HttpService().axiosRef;

const ID = 'orders';
const SECRET = 'secret';

/** An M2MClientService for one target, and for more beside it. */
export async function m2mClient({ api, tokenEndpoint, targets = 1 }) {
  const others = Array.from({ length: targets - 1 }, (_, index) => [`t${index}`, { url: `https://t${index}.example` }]);
  const module = M2MModule.forRoot({
    authorizationServer: { name: 'bench', issuer: new URL(tokenEndpoint).origin, tokenEndpoint },
    client: { clientId: ID, clientSecret: SECRET, targets: { ...Object.fromEntries(others), api: { url: api } } },
  });
  const context = await NestFactory.createApplicationContext(module, { logger: false });
  return context.get(M2MClientService);
}

const instance = ({ api, adapter }, more) => axios.create({ baseURL: api, adapter, validateStatus: null, ...more });
const callWith = (axiosInstance) => async () => (await axiosInstance.get('/products')).status;

/** Calls over Axios; `adapter` stands for the network where it is given. */
export const overAxios = {
  'axios, a static header': async (context) =>
    callWith(instance(context, { headers: { Authorization: `Bearer ${context.token}` } })),

  'nestjs-m2m': async (context) => {
    const attached = instance(context);
    (await m2mClient(context)).attach(attached);
    return callWith(attached);
  },

  'axios-token-interceptor, axios-oauth-client': async (context) => {
    const attached = instance(context);
    const request = clientCredentials(axios.create(), context.tokenEndpoint, ID, SECRET);
    const cache = tokenInterceptor.tokenCache(request, { getMaxAge: (token) => token.expires_in * 1000 });
    const getToken = async () => (await cache()).access_token;
    attached.interceptors.request.use(tokenInterceptor({ getToken }));
    return callWith(attached);
  },
};

/** Calls over fetch; `fetch` stands for the network where it is given. */
export const overFetch = {
  'fetch, a static header': async ({ api, token, fetch = globalThis.fetch }) => {
    const headers = { authorization: `Bearer ${token}` };
    return async () => statusOf(await fetch(new Request(`${api}/products`, { headers })));
  },

  '@badgateway/oauth2-client': async ({ api, tokenEndpoint, fetch = globalThis.fetch }) => {
    const client = new OAuth2Client({ clientId: ID, clientSecret: SECRET, tokenEndpoint });
    const attach = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() }).mw();
    return async () => statusOf(await attach(new Request(`${api}/products`), fetch));
  },

  'openid-client, a cache by hand': async ({ api, tokenEndpoint, fetch }) => {
    const metadata = { issuer: new URL(tokenEndpoint).origin, token_endpoint: tokenEndpoint };
    const tokens = new openid.Configuration(metadata, ID, SECRET);
    const calls = new openid.Configuration(metadata, ID, SECRET);
    for (const configuration of [tokens, calls]) openid.allowInsecureRequests(configuration);
    if (fetch) calls[openid.customFetch] = fetch;
    let held;
    const getToken = async () => {
      if (!held || held.expiresIn() <= 0) held = await openid.clientCredentialsGrant(tokens);
      return held.access_token;
    };
    const url = new URL(`${api}/products`);
    return async () => statusOf(await openid.fetchProtectedResource(calls, await getToken(), url, 'GET'));
  },
};

async function statusOf(response) {
  await response.text();
  return response.status;
}

/** An answer without a network. */
export const inProcess = {
  adapter: async (config) => ({
    data: '{}',
    status: 200,
    statusText: 'OK',
    headers: new axios.AxiosHeaders(),
    config,
    request: {},
  }),
  fetch: async () => new Response('{}'),
};
