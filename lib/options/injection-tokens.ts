/** The injection token of the options as the user wrote them: `M2MModuleOptions`. */
export const M2M_MODULE_OPTIONS = 'M2M_MODULE_OPTIONS';
/** The injection token of what everything after `options/` reads: validated, defaulted, frozen. Nest's error shows its description if it is not provided. */
export const M2M_RESOLVED_OPTIONS = Symbol('M2MModule.forRoot({ ... }) in the root module');
/** The injection token of the {@link Clock}. */
export const M2M_CLOCK = Symbol('M2M_CLOCK');
/** The injection token of a guard's {@link InboundTransport}s. Nothing provides it: the guard has HTTP then. */
export const M2M_INBOUND_TRANSPORTS = Symbol('M2M_INBOUND_TRANSPORTS');
/** The injection token of an `AccessTokenAuthenticator[]` that stands in for the built-in ones. Nothing provides it. */
export const M2M_ACCESS_TOKEN_AUTHENTICATORS = Symbol('M2M_ACCESS_TOKEN_AUTHENTICATORS');
