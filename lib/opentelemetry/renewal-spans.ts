import { SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { Observable } from 'rxjs';
import type { M2MClientEvent } from '../client/events/m2m-client-event.js';
import { clientAttributes, errorAttributes } from './attributes.js';

/**
 * Records each renewal as a trace of its own: it may end long after the call that began it, which it has a link to.
 *
 * @param names of the clients of the options
 * @returns what ends it
 */
export function recordRenewals(
  tracer: Tracer,
  events: Observable<M2MClientEvent>,
  names: ReadonlySet<string>,
): () => void {
  const subscription = events.subscribe((event) => {
    if (event.type !== 'renewed' && event.type !== 'renewal-failed') return;
    // The event comes in the context of the call that began the renewal, or of none if a timer did.
    const call = trace.getActiveSpan()?.spanContext();
    const end = Date.now();
    const span = tracer.startSpan('m2m.token.renewal', {
      root: true,
      startTime: end - event.duration,
      attributes: clientAttributes(event.client, names),
      links: call ? [{ context: call }] : [],
    });
    if (event.type === 'renewal-failed') {
      span.setAttributes(errorAttributes(event.error));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end(end);
  });
  return () => subscription.unsubscribe();
}
