import * as m2m from '../../lib/index.js';
import { startGuardedApp } from '../support/guarded-app.js';
import { guardedApi } from './guarded-api.js';
import { proveCorpus } from './prove-corpus.js';

proveCorpus(async (platform, issuers) => {
  const { app, url, log } = await startGuardedApp({ platform, ...guardedApi(m2m, issuers) });
  return {
    url,
    stop: async () => {
      await app.close();
      return log.map(({ text }) => text).join('\n');
    },
  };
});
