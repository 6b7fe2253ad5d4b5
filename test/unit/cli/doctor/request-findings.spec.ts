import { describe, expect, it } from '@jest/globals';
import { requestFinding } from '../../../../lib/cli/doctor/request-findings.js';

const url = 'https://id.example.com/token';
const LATE = `GET ${url} did not finish in 5000 ms`;

describe('requestFinding', () => {
  it('takes an answer that does not come in time for a matter of the network', () => {
    const finding = requestFinding({ message: LATE, url, environment: {} });
    expect(finding).toEqual({ problem: LATE, remedy: expect.stringMatching(/^HTTPS_PROXY=/) });
    const environment = { HTTPS_PROXY: 'http://proxy:3128' };
    expect(requestFinding({ message: LATE, url, environment })?.problem).toContain('the proxy of HTTPS_PROXY');
    const excepted = { ...environment, NO_PROXY: '*' };
    expect(requestFinding({ message: LATE, url, environment: excepted })?.problem).toBe(LATE);
  });

  it('has nothing to say of an answer that is final', () => {
    for (const message of [`${url} answered 404`, `${url} holds no JSON object`]) {
      expect(requestFinding({ message, url, environment: {} })).toBeUndefined();
    }
  });
});
