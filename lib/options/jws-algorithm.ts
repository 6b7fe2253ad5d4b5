const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const;
const ECDSA = ['ES256', 'ES384', 'ES512'] as const;
const EDDSA = ['EdDSA', 'Ed25519'] as const;

/**
 * Every algorithm that an access token may be signed with. All are asymmetric.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.1 RFC 7518, section 3.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9864#section-2.2 RFC 9864, section 2.2}
 */
export const JWS_ALGORITHMS = Object.freeze([...RSA, ...ECDSA, ...EDDSA] as const);

/** The `alg` of a signed access token. `Ed25519` is the name that RFC 9864 gives to `EdDSA` with that curve. */
export type JwsAlgorithm = (typeof JWS_ALGORITHMS)[number];
