import { M2MConfigurationError, type ConfigurationProblem } from '../../errors/configuration.error.js';
import { readConditions } from '../authorization/condition-metadata.js';
import type { HandlerConditionsReader } from '../authorization/handler-conditions.reader.js';
import type { DeclaredClass, DeclaredMethod } from './declared-classes.js';
import type { GuardCoverage } from './guard-coverage.js';

/**
 * Handlers in whose place an instance has another function.
 *
 * Nest reads guards from that function, and there is none on it that was put on the method. Nothing is wrong with a
 * function to which all metadata was copied, or where no M2MGuard and no condition is near.
 */
export class ReplacedHandlers {
  constructor(
    private readonly coverage: GuardCoverage,
    private readonly reader: HandlerConditionsReader,
  ) {}

  problems(declared: DeclaredClass): ConfigurationProblem[] {
    return declared.methods
      .filter((method) => method.replacements.some((each) => this.isLoss(declared, method, each)))
      .map((method) => lostHandlerProblem(declared, method));
  }

  /** @throws M2MConfigurationError where a function lacks a guard or a condition of the handler in whose place it is */
  check(declared: DeclaredClass, method: DeclaredMethod, replacement: object): void {
    if (this.isLoss(declared, method, replacement))
      throw new M2MConfigurationError([lostHandlerProblem(declared, method)]);
  }

  private isLoss({ type }: DeclaredClass, method: DeclaredMethod, replacement: object): boolean {
    const kept = readConditions(replacement);
    if (method.conditions.some((each) => !kept.includes(each))) return true;
    if (this.coverage.isLost(method.handler, replacement)) return true;
    return this.coverage.isGuarded(type, method) && !this.reader.isKnown(type, replacement);
  }
}

function lostHandlerProblem({ name }: DeclaredClass, method: DeclaredMethod): ConfigurationProblem {
  return {
    option: method.name,
    problem: 'is another function in the instance, without the guards and conditions that were put on the method',
    remedy: `no assignment to this.${method.key} in ${name}, such as this.${method.key} = this.${method.key}.bind(this)\n() => this.${method.key}() where the method is passed on`,
  };
}
