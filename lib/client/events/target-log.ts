import type { TokenParameters } from '../../authorization-servers/authorization-server.js';
import { M2MConfigurationError } from '../../errors/configuration.error.js';
import type { IdentifiedLogger } from '../../events/identified-logger.js';
import { LOG_IDS, type LogId } from '../../events/log-ids.js';
import type { ResolvedTarget } from '../../options/resolved-options.js';
import { clientInWords } from './client-in-words.js';
import type { M2MClientEvent, TokenEvent } from './m2m-client-event.js';
import { inWords, requestedToken } from './requested-token.js';

/** Lines that are remembered, so that they are logged once. */
const MOST_LINES = 1000;

/** The target that got a token, and what was requested for it. */
export interface TargetToken {
  readonly target: ResolvedTarget;
  /** The name of the client that it was issued to; `undefined`: the module's own. */
  readonly client: string | undefined;
  readonly parameters: TokenParameters;
  /** A digest that stands for the caller whose token was exchanged for it. @default it was not */
  readonly callerKey?: string | undefined;
}

/** Reports answers of targets that somebody should do something about: an event for each, and one line in the log. */
export class TargetLog {
  private readonly logged = new Set<string>();

  constructor(
    private readonly logger: Pick<IdentifiedLogger, 'warn'>,
    private readonly emit: (event: M2MClientEvent) => void,
  ) {}

  /** @param renewed whether there is another token now */
  rejected(use: TargetToken, renewed: boolean): void {
    this.emit({ type: 'rejected', ...about(use), renewed });
  }

  /** @param duration milliseconds for which rejections without a challenge are ignored */
  rejectionsIgnored(use: TargetToken, duration: number): void {
    this.emit({ type: 'rejections-ignored', ...about(use), duration });
    const line =
      `the target ${use.target.name}${toClient(use)} answers 401 without a challenge, also to a new token: for ${duration / 60_000} min ` +
      "such answers do not replace tokens. If they never mean the token: rejectedWhen: 'invalid_token'";
    if (use.callerKey === undefined) this.logger.warn(LOG_IDS.REJECTIONS_IGNORED, line);
    // Not one for each caller.
    else this.#warnOnce(use, LOG_IDS.REJECTIONS_IGNORED, line);
  }

  certificateMissing(use: TargetToken): void {
    this.emit({ type: 'certificate-missing', ...about(use) });
    this.#warnOnce(use, LOG_IDS.CERTIFICATE_MISSING, certificateMissing(use));
  }

  /** @param missing the scopes that the target asks for; empty if it does not say */
  scopeRefused(use: TargetToken, missing: readonly string[]): void {
    this.emit({ type: 'scope-refused', ...about(use), missing });
    const requested = `the token was requested for ${inWords(requestedToken(use.parameters))}`;
    this.#warnOnce(use, LOG_IDS.SCOPE_REFUSED, `${scopeRefused(use, missing)}; ${requested}`);
  }

  /** @param how the function failed */
  rejectedWhenFailed(use: TargetToken, how: string): void {
    const fault = {
      option: `client.targets.${use.target.name}.rejectedWhen`,
      problem: `is a function that ${how}`,
      remedy: 'rejectedWhen: ({ status }) => status === 401',
    };
    this.emit({ type: 'rejected-when-failed', ...about(use), error: new M2MConfigurationError(fault) });
    const line = `${fault.option} ${fault.problem}; write: ${fault.remedy}`;
    this.#warnOnce(use, LOG_IDS.REJECTED_WHEN_FAILS, line);
  }

  #warnOnce(use: TargetToken, id: LogId, text: string): void {
    const line = text + toClient(use);
    if (this.logged.has(line) || this.logged.size >= MOST_LINES) return;
    this.logged.add(line);
    this.logger.warn(id, line);
  }
}

/** The addition to a line about a named client. */
function toClient({ client }: TargetToken): string {
  return client === undefined ? '' : ` (to ${clientInWords(client)})`;
}

/** Why a token is rejected that is bound to a certificate, in words. */
export function certificateMissing({ target: { name } }: TargetToken): string {
  return (
    `the token is bound to a client certificate (cnf), and the connection to the target ${name} does not present it: ` +
    `set client.targets.${name}.http.httpsAgent to an agent with this certificate`
  );
}

/** What a target asks for, in words. @param missing scopes; empty if it does not say which */
export function scopeRefused({ target: { name } }: TargetToken, missing: readonly string[]): string {
  const wanted = missing.length === 0 ? 'more scope than the token has' : `the scope "${missing.join(' ')}"`;
  return `the target ${name} asks for ${wanted} (insufficient_scope)`;
}

function about({ target, client, parameters }: TargetToken): TokenEvent & { readonly target: string } {
  return { client, requested: requestedToken(parameters), target: target.name };
}
