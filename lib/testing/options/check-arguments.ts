import { checkNames, checkObject, entriesOf } from '../../validation/checks.js';
import { custom, readFields } from '../../validation/fields.js';
import { field, oneOf, texts } from '../../validation/field-types.js';
import { Problems } from '../../validation/problems.js';
import { dialectNamed, dialectNames } from './dialect-names.js';
import { refuseProduction } from './refuse-production.js';
import type {
  TestAuthorizationServerOptions,
  TestClient,
  TestFailure,
  TestTokenOptions,
} from './test-authorization-server-options.js';

/** The kit's options are checked when it runs, since most test runners do not look at types. */
export const knownOptions = {
  server: [
    'dialect',
    'clients',
    'resources',
    'scopes',
    'signingAlg',
    'port',
    'clock',
    'onRequest',
    'tls',
    'allowProduction',
    'loopbackHostsOnly',
    'allowedOrigins',
  ],
  client: [
    'secret',
    'publicKey',
    'federatedAs',
    'certificate',
    'authentication',
    'scopes',
    'resources',
    'organizations',
    'tokenLifetime',
    'tokenFormat',
    'tokenExchange',
    'claims',
    'quota',
  ],
  token: ['clientId', 'scope', 'audience', 'organization', 'user', 'expiresIn', 'claims', 'header', 'format'],
  failure: ['status', 'body', 'headers', 'times', 'endpoint'],
} as const satisfies {
  server: (keyof TestAuthorizationServerOptions)[];
  client: (keyof TestClient)[];
  token: (keyof TestTokenOptions)[];
  failure: (keyof TestFailure)[];
};

const DIALECT = oneOf(dialectNames, 'standard');

const SERVER_FIELDS = {
  dialect: custom((problems, path, value) => {
    if (!dialectNamed(value)) DIALECT.read(problems, path, value);
  }),
  resources: field({
    accepts: (value): value is object => typeof value === 'object' && value !== null,
    example: "['https://api.example.test']",
  }),
  scopes: texts('read:products', true),
  allowedOrigins: texts('http://localhost:3000', true),
};

/** @throws M2MConfigurationError if a value is no object, or has a name that would silently do nothing */
export function checkOptions(owner: string, options: unknown, known: readonly string[]): void {
  const problems = new Problems();
  addNames(problems, owner, options, known);
  problems.throwIfAny();
}

/** @throws M2MConfigurationError with everything that is wrong */
export function checkServerOptions(options: TestAuthorizationServerOptions): void {
  const owner = 'TestAuthorizationServer.start';
  const problems = new Problems();
  if (addNames(problems, owner, options, knownOptions.server)) {
    readFields(problems, owner, options, SERVER_FIELDS);
    const example = "'my-service': 'its-secret'";
    for (const [id, client] of entriesOf(problems, `${owner}.clients`, options.clients, example)) {
      addClient(problems, `${owner}.clients.${id}`, client);
    }
  }
  problems.throwIfAny();
  refuseProduction(owner, options.allowProduction, 'allowProduction: true');
}

/** @throws M2MConfigurationError */
export function checkClient(client: string | TestClient): void {
  const problems = new Problems();
  addClient(problems, 'register', client);
  problems.throwIfAny();
}

function addClient(problems: Problems, path: string, client: unknown): void {
  if (typeof client !== 'string') addNames(problems, path, client, knownOptions.client);
}

function addNames(problems: Problems, path: string, options: unknown, known: readonly string[]): options is object {
  if (!checkObject(problems, `what ${path} takes`, options, `{ ${known[0]}: ... }`)) return false;
  checkNames(problems, path, options, known);
  return true;
}
