import type { M2MRequestOptions } from './axios-request-config-commonjs.cjs';

// Axios has two declaration files, and so two identities of its types. This file reaches the one that ES modules see,
// axios-request-config-commonjs.cts the other, and an import from here brings both. Type parameters are left out, since
// their number differs between versions of Axios, and all of them have defaults.
declare module 'axios' {
  interface AxiosRequestConfig {
    /** Which token this request carries; `false` sends none. @default the target's token */
    m2m?: M2MRequestOptions | false | undefined;
  }
}

export type { M2MRequestOptions };
export type { AxiosRequestConfig } from 'axios';
