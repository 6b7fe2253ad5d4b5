import type { AuthorizationServer } from '../authorization-servers/authorization-server.js';
import type { ConfigurationProblem } from '../errors/configuration.error.js';
import { clientAssertionFile } from '../client-authentication/client-assertion.js';
import { type ClientAuthentication, authenticatorOf } from '../client-authentication/client-authenticators.js';
import { clientSecretBasic } from '../client-authentication/client-secret-basic.js';
import { clientSecretJwt } from '../client-authentication/client-secret-jwt.js';
import { clientSecretPost } from '../client-authentication/client-secret-post.js';
import { none } from '../client-authentication/none.js';
import { privateKeyFile } from '../client-authentication/private-key-file.js';
import { inTermsOf, type Problems } from '../validation/problems.js';
import { similarName } from '../validation/similar-name.js';
import type { M2MClientOptions } from './client-options.js';
import { checkedFile, fileReader } from './file-of-variable.js';
import type { ReadVariable } from './environment-variables.js';

/** The options that say how a client authenticates. */
export type ClientCredentials = Pick<M2MClientOptions, 'clientSecret' | 'clientAuthentication'>;

const METHOD = 'M2M_CLIENT_AUTHENTICATION';
const SECRETS = ['M2M_CLIENT_SECRET', 'M2M_CLIENT_SECRET_FILE'] as const;
const KEYS = ['M2M_PRIVATE_KEY_FILE'] as const;
const ASSERTIONS = ['M2M_CLIENT_ASSERTION_FILE'] as const;

/** The variables of credentials, each with an example. */
const EXAMPLES = {
  M2M_CLIENT_SECRET: '...',
  M2M_CLIENT_SECRET_FILE: '/run/secrets/m2m',
  M2M_PRIVATE_KEY_FILE: '/run/secrets/m2m-key.pem',
  M2M_CLIENT_ASSERTION_FILE: '/var/run/secrets/tokens/m2m',
};

type Credential = keyof typeof EXAMPLES;

const CREDENTIALS = Object.keys(EXAMPLES) as Credential[];

/** The methods that variables can say, with the credentials that they may take: one of them. */
const METHODS: ReadonlyMap<string, readonly Credential[]> = new Map<string, readonly Credential[]>([
  ['client_secret_basic', SECRETS],
  ['client_secret_post', SECRETS],
  ['client_secret_jwt', SECRETS],
  ['private_key_jwt', KEYS],
  ['client_assertion', ASSERTIONS],
  ['none', []],
]);

/** What `M2M_CLIENT_AUTHENTICATION` may say. */
export const CLIENT_AUTHENTICATION_METHODS: readonly string[] = [...METHODS.keys()];

/**
 * How the client authenticates, as the environment says: by the method that it names, else by that of the key, the assertion
 * or the product. Files are read anew each time.
 *
 * @param server `undefined` if something is wrong with it, which another problem says
 */
export function credentialsFromEnvironment(
  problems: Problems,
  read: ReadVariable,
  server: AuthorizationServer | undefined,
): ClientCredentials {
  const method = read(METHOD);
  const usable = method === undefined ? CREDENTIALS : METHODS.get(method);
  if (!usable) {
    addUnknownMethod(problems, method ?? '');
    return {};
  }
  const set = CREDENTIALS.filter((name) => read(name) !== undefined);
  for (const name of set.filter((each) => !usable.includes(each))) {
    const others = [...METHODS].filter(([, credentials]) => credentials.includes(name)).map(([other]) => other);
    const lines = [`${name}=`, ...others.map((other) => `${METHOD}=${other}`)];
    problems.add(name, `is set, and ${METHOD}=${method} does not use it`, lines.join('\nor '));
  }
  const used = set.filter((name) => usable.includes(name));
  const last = used.at(-1);
  for (const name of used.slice(0, -1)) {
    problems.add(name, `and ${last} are both set`, `${name}=\nor ${last}=`);
  }
  const own = server?.clientAuthentication ?? clientSecretBasic();
  const needed = method === undefined && authenticatorOf(own).needsSecret ? SECRETS : method && usable;
  if (last === undefined && needed && needed[0] !== undefined) {
    problems.add(needed[0], 'is missing', needed.map((name) => `${name}=${EXAMPLES[name]}`).join('\nor '));
  }
  return credentialsOf(problems, read, last, method, own);
}

function credentialsOf(
  problems: Problems,
  read: ReadVariable,
  variable: Credential | undefined,
  method: string | undefined,
  own: ClientAuthentication,
): ClientCredentials {
  if (variable === undefined) return method === 'none' ? { clientAuthentication: none() } : {};
  const value = read(variable) ?? '';
  if (variable === 'M2M_CLIENT_SECRET') return { clientSecret: () => value, ...bySecret(method, own) };
  if (variable === 'M2M_PRIVATE_KEY_FILE') {
    return { clientAuthentication: privateKeyOf(problems, variable, value) };
  }
  const isSecret = variable === 'M2M_CLIENT_SECRET_FILE';
  checkedFile(problems, variable, value, `a file that holds the ${isSecret ? 'secret' : 'assertion'}`);
  return isSecret
    ? { clientSecret: fileReader(value), ...bySecret(method, own) }
    : { clientAuthentication: clientAssertionFile(value) };
}

function privateKeyOf(problems: Problems, variable: string, path: string): ClientAuthentication | undefined {
  const needed = 'a file that holds a private key: a PEM (PKCS#8) without a passphrase, or a JWK';
  if (checkedFile(problems, variable, path, needed) === undefined) return undefined;
  const ofVariable = ({ problem }: ConfigurationProblem): ConfigurationProblem => {
    const remedy = `${variable}=... # ${needed}; RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519`;
    return { option: variable, problem: `names a file whose key ${problem}`, remedy };
  };
  return problems.collect('', () => inTermsOf(ofVariable, () => privateKeyFile(path)));
}

/** A method that is also the product's own is used as the product has it: Cognito encodes nothing. */
function bySecret(method: string | undefined, own: ClientAuthentication): ClientCredentials {
  if (method === undefined || method === own.method) return {};
  const factories = [clientSecretBasic(), clientSecretPost(), clientSecretJwt()];
  return { clientAuthentication: factories.find((each) => each.method === method) };
}

/** It is not shown unless it is misspelt: it may be a secret. */
function addUnknownMethod(problems: Problems, method: string): void {
  if (/^(?:self_signed_)?tls_client_auth$/.test(method)) {
    const note = 'and clientAuthentication: mutualTls({ cert, key }) in the options';
    problems.add(METHOD, `is ${method}, which no variable has the certificate for`, `${METHOD}=none # ${note}`);
    return;
  }
  const similar = similarName(method, CLIENT_AUTHENTICATION_METHODS);
  const seen = similar === undefined ? 'is no method that variables can say' : `is '${method}', which is no method`;
  const meant = similar === undefined ? CLIENT_AUTHENTICATION_METHODS : [similar];
  problems.add(METHOD, seen, meant.map((each) => `${METHOD}=${each}`).join('\nor '));
}
