import { Inject, Injectable, Optional, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { M2MCaller } from '../caller/m2m-caller.js';
import { actsForCallers } from '../options/acts-for-callers.js';
import { M2M_INBOUND_TRANSPORTS, M2M_RESOLVED_OPTIONS } from '../options/injection-tokens.js';
import type { ResolvedIssuer, ResolvedOptions, ResolvedResourceServerOptions } from '../options/resolved-options.js';
import { authorizeCaller } from './authorization/authorize-caller.js';
import type { HandlerConditions } from './authorization/handler-conditions.js';
import { HandlerConditionsReader } from './authorization/handler-conditions.reader.js';
import { handlerName, keepCaller } from './authorization/request-callers.js';
import { callerContextOf } from './caller-contexts/caller-contexts.js';
import { M2MTokenVerifier } from './m2m-token-verifier.js';
import { notConfigured } from './not-configured.js';
import { decideOnce } from './shared-decisions.js';
import { tokenOf } from './transports/bearer-credentials.js';
import { furtherTransports } from './transports/further-transports.js';
import { httpRequestOf, HttpTransport } from './transports/http.transport.js';
import type { InboundTransport } from './transports/inbound-transport.js';
import type { M2MRequest } from './transports/m2m-request.js';
import { refusalOf } from './transports/refusal.js';
import { unhandledContext } from './transports/unhandled-context.js';

/** What a guard answers. */
export type Activation = boolean | Promise<boolean>;

// Steps that another file replaces. Symbols, because a method of the same name in an application's guard would replace them, too.
export const AUTHENTICATE = Symbol('authenticate');
export const LET_IN = Symbol('letIn');
export const REFUSE = Symbol('refuse');
export const CONDITIONS = Symbol('conditions');
export const ISSUER_OF = Symbol('issuerOf');
export const IS_INTROSPECTED = Symbol('isIntrospected');

/** The steps from a request's credentials to the answer: a template whose protected steps an application may replace. */
@Injectable()
export abstract class BearerTokenGuard implements CanActivate {
  readonly #options: ResolvedOptions;
  private readonly handlers: HandlerConditionsReader;
  private readonly transports: readonly InboundTransport[];
  private readonly keepsTokens: boolean;

  /** @internal @param transports the first one that handles a context serves it; default: HTTP */
  constructor(
    @Inject(M2M_RESOLVED_OPTIONS) options: ResolvedOptions,
    @Inject(M2MTokenVerifier) private readonly verifier: M2MTokenVerifier,
    @Inject(HttpAdapterHost) adapterHost: HttpAdapterHost,
    @Optional() @Inject(M2M_INBOUND_TRANSPORTS) transports?: readonly InboundTransport[],
  ) {
    this.#options = options;
    this.keepsTokens = actsForCallers(options);
    this.handlers = new HandlerConditionsReader(options.resourceServer?.publicControllers);
    const http = new HttpTransport(adapterHost, (context) => this.getRequest(context));
    this.transports = transports ?? [http, ...furtherTransports(options.resourceServer?.transports, verifier)];
  }

  /** Whether the request may go on; without a promise if its token was verified before. */
  canActivate(context: ExecutionContext): Activation {
    const transport = this.transports.find((each) => each.handles(context));
    // An application's own isPublic() knows requests only: elsewhere a sender may have made what it reads. Untyped code may
    // return a promise.
    const isPublic: unknown = transport?.type === 'http' ? this.isPublic(context) : this[CONDITIONS](context).isPublic;
    if (isPublic === true) return true;
    if (!transport) return this.refuseUnhandled(context);
    const operation = transport.operationOf?.(context);
    return operation ? this.decideOnce(operation, context, transport) : this[AUTHENTICATE](context, transport);
  }

  /** The HTTP request that has the credentials. */
  protected getRequest(context: ExecutionContext): M2MRequest {
    return httpRequestOf(context);
  }

  /** Whether no access token is needed, and one that comes is ignored. It is asked about requests of HTTP only. */
  protected isPublic(context: ExecutionContext): boolean {
    return this[CONDITIONS](context).isPublic;
  }

  /** Lets the caller of an accepted token in. @internal */
  [AUTHENTICATE](context: ExecutionContext, transport: InboundTransport): Activation {
    let token: string;
    let caller: M2MCaller | undefined;
    try {
      ({ token } = transport.credentials(context));
      caller = this.verifier.remembered(token);
      // The syntax of a token that is remembered was checked before.
      if (!caller) token = tokenOf(token);
    } catch (error) {
      if (this.isOptional(context, transport)) return this[LET_IN](undefined, context, transport);
      return this[REFUSE](error, context, transport);
    }
    return caller ? this.authorize(token, caller, context, transport) : this.verify(token, context, transport);
  }

  /** An issuer whose tokens are accepted; a promise if that is not known yet. @internal */
  [ISSUER_OF](name: unknown): ResolvedIssuer | undefined | Promise<ResolvedIssuer | undefined> {
    return this.verifier.issuerOf(name);
  }

  /** Whether an authorization server is asked about a token that is no JWT. @internal */
  [IS_INTROSPECTED](token: string): boolean {
    return this.verifier.isIntrospected(token);
  }

  /** @throws M2MConfigurationError if this application accepts no tokens */
  get #resourceServer(): ResolvedResourceServerOptions {
    return this.#options.resourceServer ?? notConfigured();
  }

  /** What decorators say about the handler. @internal */
  [CONDITIONS](context: ExecutionContext): HandlerConditions {
    return this.handlers.read(context.getClass(), context.getHandler());
  }

  /** Lets a request on, and keeps who its caller is; `undefined` for a user, and without a token. @internal */
  [LET_IN](
    caller: M2MCaller | undefined,
    context: ExecutionContext,
    transport: InboundTransport,
    token?: string,
  ): true {
    const request = transport.requestOf(context);
    keepCaller(request, caller);
    if (this.keepsTokens) this.keepToken(request, token);
    transport.attach(context, caller);
    return true;
  }

  /** Publishes an error that the verifier does not know of, and answers it. @internal */
  [REFUSE](error: unknown, context: ExecutionContext, transport: InboundTransport, caller?: M2MCaller) {
    this.verifier.report(error, caller);
    return this.answer(error, context, transport);
  }

  private decideOnce(operation: object, context: ExecutionContext, transport: InboundTransport): Activation {
    const decide = (): Activation => this[AUTHENTICATE](context, transport);
    return decideOnce(operation, this.constructor, this[CONDITIONS](context).key, decide);
  }

  private refuseUnhandled(context: ExecutionContext): false {
    const name = handlerName(context);
    this.verifier.refusals.withoutTransport(name, unhandledContext(context, this.transports, name));
    return false;
  }

  /** Whether a request came without any credentials, to a handler with `@OptionalToken()`. */
  private isOptional(context: ExecutionContext, transport: InboundTransport): boolean {
    return this[CONDITIONS](context).isTokenOptional && transport.isAnonymous?.(context) === true;
  }

  private async verify(token: string, context: ExecutionContext, transport: InboundTransport): Promise<boolean> {
    let caller: M2MCaller;
    try {
      caller = await this.verifier.verify(token);
    } catch (error) {
      return this.answer(error, context, transport);
    }
    return this.authorize(token, caller, context, transport);
  }

  private authorize(
    token: string,
    caller: M2MCaller,
    context: ExecutionContext,
    transport: InboundTransport,
  ): Activation {
    try {
      authorizeCaller(caller, this[CONDITIONS](context), this.#resourceServer.primary?.authorizationServer.issuer);
    } catch (error) {
      return this[REFUSE](error, context, transport, caller);
    }
    return this[LET_IN](caller, context, transport, token);
  }

  /** Keeps the token of a request for calls on behalf of its caller. Each use lets it in once more. */
  private keepToken(request: object, value: string | undefined): void {
    const accepted = value === undefined ? undefined : { value, admit: () => this.verifier.verify(value) };
    callerContextOf(request)?.fill(accepted);
  }

  private answer(error: unknown, context: ExecutionContext, transport: InboundTransport): Promise<never> | never {
    const refusal = refusalOf(error, this.#resourceServer, this[CONDITIONS](context).scope);
    if (!refusal) return this.fail(error, context, transport);
    this.verifier.refusals.refused(handlerName(context), refusal);
    return transport.refuse(context, refusal);
  }

  /** @throws the error itself if Nest logs it and answers nothing of it */
  private fail(error: unknown, context: ExecutionContext, transport: InboundTransport): never {
    if (!transport.fail) throw error;
    this.verifier.refusals.failed(handlerName(context), error);
    return transport.fail(error);
  }
}
