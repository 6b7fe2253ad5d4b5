import { Inject, Injectable } from '@nestjs/common';
import type { M2MHandler } from './listed-handlers.js';
import { M2MHandlerAudit } from './m2m-handler-audit.js';

/**
 * The handlers of the application, and what guards them.
 *
 * @example
 * const open = app.get(M2MHandlers).list().filter(({ guarded }) => !guarded);
 */
@Injectable()
export class M2MHandlers {
  /** @internal */
  constructor(@Inject(M2MHandlerAudit) private readonly audit: M2MHandlerAudit) {}

  /**
   * Every handler of every controller, as it was at the start. It is known from `onModuleInit` on.
   *
   * @throws M2MConfigurationError before
   */
  list(): readonly M2MHandler[] {
    return this.audit.handlers;
  }
}
