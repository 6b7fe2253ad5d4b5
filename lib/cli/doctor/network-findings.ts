import type { Finding } from '../checks/check.js';

const PRIVATE_AUTHORITY =
  'NODE_EXTRA_CA_CERTS=/etc/ssl/private-ca.pem # the certificate of that authority, set before Node.js starts';
const DNS =
  'the right host name in M2M_ISSUER\nor M2M_METADATA_URL=https://... # if this service reaches the server by another name';
const REACH =
  'HTTPS_PROXY=http://proxy.example.com:3128 # if only a proxy leads out\nor the right host and port in M2M_ISSUER\nor a rule of the firewall or the network policy that lets this host out';

const PORT =
  'the right port in M2M_ISSUER\nor http: in place of https: in M2M_ISSUER # on loopback, or with M2M_INSECURE_ORIGINS';

/** By codes of Node.js. */
const FINDINGS: ReadonlyMap<string, Finding> = new Map<string, Finding>([
  ['ENOTFOUND', { problem: 'the DNS does not know the name', remedy: DNS }],
  ['EAI_AGAIN', { problem: 'the DNS does not answer', remedy: 'a name server that answers, in /etc/resolv.conf' }],
  ['ECONNREFUSED', { problem: 'nobody listens there', remedy: REACH }],
  ['ETIMEDOUT', { problem: 'nobody answers there', remedy: REACH }],
  ['ECONNABORTED', { problem: 'nobody answers there', remedy: REACH }],
  ['EHOSTUNREACH', { problem: 'no route leads there', remedy: REACH }],
  ['ENETUNREACH', { problem: 'no route leads there', remedy: REACH }],
  ['ECONNRESET', { problem: 'the connection was cut', remedy: REACH }],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'].map((code): [string, Finding] => [
    code,
    { problem: 'its certificate is of a private authority, which Node.js does not know', remedy: PRIVATE_AUTHORITY },
  ]),
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'].map((code): [string, Finding] => [
    code,
    {
      problem: 'its certificate is of an authority that Node.js does not know, or the server leaves certificates out',
      remedy: `${PRIVATE_AUTHORITY}\nor the whole chain of certificates, at the server`,
    },
  ]),
  ['CERT_HAS_EXPIRED', { problem: 'its certificate has expired', remedy: 'a new certificate, at the server' }],
  [
    'CERT_NOT_YET_VALID',
    {
      problem: 'its certificate is not valid yet',
      remedy: 'timedatectl set-ntp true # if the clock of this host is off',
    },
  ],
  ...['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'].map((code): [string, Finding] => [
    code,
    { problem: 'what listens there does not speak TLS, or no version of it that Node.js speaks', remedy: PORT },
  ]),
  ['ERR_TLS_CERT_ALTNAME_INVALID', { problem: 'its certificate is for another name', remedy: DNS }],
]);

/** Of the parser of Node.js. */
const NO_HTTP: Finding = {
  problem: 'what listens there does not speak HTTP',
  remedy: 'the right port in M2M_ISSUER\nor https: in place of http: in M2M_ISSUER # if it speaks TLS',
};

/** What a code of Node.js means for a connection. */
export function networkFinding(code: string): Finding {
  const known = code.startsWith('HPE_') ? NO_HTTP : FINDINGS.get(code);
  return known
    ? { ...known, problem: `${known.problem} (${code})` }
    : { problem: `the connection failed: ${code}`, remedy: REACH };
}

const OF_CONNECTION = /^(?:E(?:NOTFOUND|AI_AGAIN|CONN\w+|TIMEDOUT|HOSTUNREACH|NETUNREACH))$/;

/** What a code of Node.js means for a request that goes through the proxy of a variable. */
export function proxyFinding(code: string, variable: string, host: string): Finding {
  if (!OF_CONNECTION.test(code)) return networkFinding(code);
  const problem = `requests go through the proxy of ${variable}, which cannot be reached, or does not lead there (${code})`;
  return {
    problem,
    remedy: `${variable}=http://... # a proxy that leads there\nor NO_PROXY=${host} # if none is needed`,
  };
}
