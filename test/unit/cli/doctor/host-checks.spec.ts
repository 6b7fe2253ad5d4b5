import { describe, expect, it } from '@jest/globals';
import { checkHost } from '../../../../lib/cli/doctor/host-checks.js';

const url = new URL('https://id.example.com');
const host = { url, addresses: ['192.0.2.1'], failure: undefined, certificate: undefined };
const certificate = { error: undefined, issuer: 'Example CA', validTo: 'Jan  1 00:00:00 2027 GMT' };

describe('checkHost', () => {
  it('shows addresses and the certificate', () => {
    expect(checkHost({ ...host, certificate })).toMatchObject([
      { name: 'dns id.example.com', result: 'ok', seen: '192.0.2.1' },
      { name: 'tls id.example.com', result: 'ok', seen: 'issued by Example CA, valid until Jan  1 00:00:00 2027 GMT' },
    ]);
  });

  it.each([
    ['ENOTFOUND', 'dns id.example.com', 'the DNS does not know the name', /M2M_ISSUER/],
    ['EAI_AGAIN', 'dns id.example.com', 'the DNS does not answer', /resolv\.conf/],
    ['ECONNREFUSED', 'connection id.example.com', 'nobody listens there', /HTTPS_PROXY=/],
    ['ETIMEDOUT', 'connection id.example.com', 'nobody answers there', /HTTPS_PROXY=/],
    ['EPROTO', 'connection id.example.com', 'does not speak TLS', /http: in place of https:/],
    ['EWHATEVER', 'connection id.example.com', 'the connection failed: EWHATEVER', /M2M_ISSUER/],
  ])('tells what %s means', (failure, name, problem, remedy) => {
    const found = checkHost({ ...host, failure }).find(({ result }) => result === 'wrong');
    expect(found).toMatchObject({ name, finding: { problem: expect.stringContaining(problem) } });
    expect(found?.finding?.remedy).toMatch(remedy);
  });

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'of a private authority', /NODE_EXTRA_CA_CERTS=/],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'of a private authority', /NODE_EXTRA_CA_CERTS=/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'leaves certificates out', /the whole chain/],
    ['CERT_HAS_EXPIRED', 'has expired', /a new certificate/],
    ['CERT_NOT_YET_VALID', 'not valid yet', /timedatectl/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name', /M2M_METADATA_URL=/],
  ])('tells what the certificate error %s means', (error, problem, remedy) => {
    const found = checkHost({ ...host, certificate: { ...certificate, error } }).at(-1);
    expect(found).toMatchObject({ name: 'tls id.example.com', finding: { problem: expect.stringContaining(problem) } });
    expect(found?.finding?.remedy).toMatch(remedy);
  });
});
