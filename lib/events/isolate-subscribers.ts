import { Observable, Subscriber, type Observer, type OperatorFunction, type Subscription } from 'rxjs';
import { runOutsideRequests } from '../request-context/request-context.js';

type Listener<Event> = Partial<Observer<Event>> | ((event: Event) => void) | null;

/**
 * The same events, for no request. What a subscriber throws ends neither the process nor the events: it is reported, once
 * for each subscriber. The same holds for functions of operators, and for promises that are rejected.
 */
export function isolateSubscribers<Event>(
  source: Observable<Event>,
  report: (thrown: unknown) => void,
): Observable<Event> {
  return new IsolatingObservable(source, report);
}

class IsolatingObservable<Event> extends Observable<Event> {
  constructor(
    source: Observable<Event>,
    private readonly report: (thrown: unknown) => void,
  ) {
    super((subscriber) =>
      source.subscribe({
        next: (event) => runOutsideRequests(() => subscriber.next(event)),
        error: (thrown) => runOutsideRequests(() => subscriber.error(thrown)),
        complete: () => runOutsideRequests(() => subscriber.complete()),
      }),
    );
  }

  // `never` fits every overload: as what operators take, and as what comes out.
  override pipe(...operators: OperatorFunction<never, unknown>[]): Observable<never> {
    const pipe = super.pipe.bind(this) as (...all: OperatorFunction<never, unknown>[]) => Observable<never>;
    return isolateSubscribers(pipe(...operators), this.report);
  }

  override subscribe(listener?: Listener<Event>, error?: unknown, complete?: unknown): Subscription {
    // An operator: who subscribes to its result is isolated there.
    if (listener instanceof Subscriber) return super.subscribe(listener as Subscriber<Event>);
    const observer = (typeof listener === 'function' ? { next: listener, error, complete } : listener) as
      Partial<Observer<Event>> | undefined | null;
    let isReported = false;
    const failed = (thrown: unknown): void => {
      if (!isReported) this.report(thrown);
      isReported = true;
    };
    const isolated = (run: () => unknown): void => {
      try {
        const result = run();
        if (result instanceof Promise) result.catch(failed);
      } catch (thrown) {
        failed(thrown);
      }
    };
    return super.subscribe({
      next: (event) => isolated(() => observer?.next?.(event)),
      error: (thrown) => isolated(() => (observer?.error ? observer.error(thrown) : failed(thrown))),
      complete: () => isolated(() => observer?.complete?.()),
    });
  }
}
