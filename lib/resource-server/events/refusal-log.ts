import { hasCode } from '../../errors/has-code.js';
import { knownReason } from '../../errors/invalid-token.error.js';
import type { M2MError } from '../../errors/m2m.error.js';
import { printable } from '../../errors/printable.js';
import type { LimitedLog } from '../../events/limited-log.js';
import { LOG_IDS, type LogId } from '../../events/log-ids.js';
import { cutForLog, quoted } from '../../events/log-text.js';
import type { IssuerLookupFailedEvent, KeySetFailedEvent } from './m2m-resource-server-event.js';

/** What the log says of a refusal. */
export interface LoggedRefusal {
  readonly status: 400 | 401 | 403 | 503;
  readonly level: 'debug' | 'warn' | 'error';
  readonly cause: M2MError;
}

/** Writes why requests are refused, with the reason that no caller gets. */
export class RefusalLog {
  constructor(private readonly log: LimitedLog) {}

  /** @param handler as the source names it */
  refused(handler: string, { level, status, cause }: LoggedRefusal): void {
    this.log.write({
      id: LOG_IDS[`REFUSED_WITH_${status}`],
      level,
      subject: handler,
      reason: reasonOf(cause),
      text: `${handler} answered ${status}: ${printable(cause.message)}`,
      fields: { handler, status, ...clientOf(cause) },
    });
  }

  /** @param error of the guard itself: only the log gets it */
  failed(handler: string, error: unknown): void {
    const why = error instanceof Error ? printable(error.message) : 'something that is no Error was thrown';
    const text = `${handler} could not be guarded: ${why}`;
    this.log.write({
      id: LOG_IDS.GUARD_FAILS,
      level: 'error',
      subject: handler,
      reason: 'failed',
      text,
      fields: { handler },
    });
  }

  /** @param unhandled what came, and the line to write */
  withoutTransport(handler: string, { what, remedy }: { readonly what: string; readonly remedy: string }): void {
    this.log.write({
      id: LOG_IDS.TRANSPORT_UNKNOWN,
      level: 'error',
      subject: handler,
      reason: 'transport',
      text: `${handler} was refused: M2MGuard has no transport for ${what}; write: ${remedy}`,
      fields: { handler },
    });
  }

  keySetFailed({ issuer, error }: KeySetFailedEvent): void {
    this.issuerFailed(
      LOG_IDS.KEY_SET_FAILS,
      issuer,
      'key-set',
      `The key set of ${quoted(issuer)} cannot be fetched: ${quoted(error.message)}`,
    );
  }

  lookupFailed({ issuer, error }: IssuerLookupFailedEvent): void {
    this.issuerFailed(LOG_IDS.ISSUER_LOOKUP_FAILS, issuer, 'issuer', printable(error.message));
  }

  /** Writes what was not written yet. */
  close(): void {
    this.log.close();
  }

  private issuerFailed(id: LogId, issuer: string, reason: string, text: string): void {
    this.log.write({ id, level: 'warn', subject: issuer, reason, text, fields: { issuer: cutForLog(issuer) } });
  }
}

/** The reason of an invalid token, else the code of the error in the same spelling. */
function reasonOf(cause: M2MError): string {
  const reason = hasCode(cause, 'ERR_M2M_INVALID_TOKEN') ? knownReason(cause.reason) : undefined;
  return reason ?? cause.code.replace('ERR_M2M_', '').toLowerCase().replaceAll('_', '-');
}

/** The client of a token that was verified; an error about any other names none. */
function clientOf(cause: M2MError): Readonly<Record<'client' | 'issuer', string | undefined>> {
  const isVerified = hasCode(cause, 'ERR_M2M_CALLER_NOT_ALLOWED') || hasCode(cause, 'ERR_M2M_INSUFFICIENT_SCOPE');
  const { clientId, issuer } = isVerified ? cause : {};
  return { client: textOf(clientId), issuer: textOf(issuer) };
}

/** An error of another copy of this package may have anything in its fields. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? cutForLog(value) : undefined;
}
