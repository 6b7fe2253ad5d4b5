import { M2MError } from './m2m.error.js';

/** The configured budget of token requests is used up, and no valid token is at hand. */
export class BudgetExceededError extends M2MError {
  static {
    this.prototype.name = 'BudgetExceededError';
  }

  readonly code = 'ERR_M2M_BUDGET_EXCEEDED';
}
