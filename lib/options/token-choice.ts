import { memberOf } from '../validation/checks.js';
import { custom, type Field } from '../validation/fields.js';
import { oneOf, text } from '../validation/field-types.js';
import type { Problems } from '../validation/problems.js';
import type { M2MTarget } from './client-options.js';

/** Whose token the requests to a target carry. */
type TokenChoice = NonNullable<M2MTarget['token']>;

/** `token` of a target. */
export const TOKEN_CHOICE = oneOf(['own', 'relay', 'exchange'], 'own');

const AUDIENCE = text('https://shop-api');

/** `audience` of a target; `null` if the token of the caller may be for any. */
export const TARGET_AUDIENCE: Field<string | null | undefined> = custom((problems, path, value) =>
  value === null ? null : AUDIENCE.read(problems, path, value),
);

/** What is said of tokens that are requested. A token that is relayed is there already. */
const OF_REQUESTED_TOKENS = ['scope', 'resource', 'organization', 'parameters', 'client', 'exchange'] as const;

/** Adds a problem for each field of a target that does not go with its choice of the token. */
export function checkTokenChoice(problems: Problems, at: string, target: M2MTarget, choice: TokenChoice): void {
  const audience = memberOf(target, 'audience');
  if (choice === 'own' && memberOf(target, 'exchange') !== undefined) {
    const problem = 'is given, but the token is that of the client itself';
    problems.add(`${at}.exchange`, problem, "token: 'exchange' beside it");
  }
  if (choice === 'relay') {
    checkRelay(problems, at, target);
    if (audience !== undefined) return;
    const problem = 'is missing, and the token of the caller is not relayed to a target that it is not for';
    const remedy = "audience: 'https://shop-api'\nor audience: null to relay every token that this service accepts";
    problems.add(`${at}.audience`, problem, remedy);
  } else if (audience === null) {
    const problem = 'is null, which is for the targets alone that the token of the caller is relayed to';
    problems.add(`${at}.audience`, problem, "no audience\nor token: 'relay' beside it");
  }
}

function checkRelay(problems: Problems, at: string, target: M2MTarget): void {
  for (const name of OF_REQUESTED_TOKENS.filter((each) => memberOf(target, each) !== undefined)) {
    const problem = 'has no effect: the token that is relayed is that of the caller, and none is requested';
    problems.add(`${at}.${name}`, problem, `no ${name} beside token: 'relay'`);
  }
  if (memberOf(target, 'usableBy') === 'any-client') {
    const problem = "is 'any-client', but no client's credentials are used: the token is that of the caller";
    problems.add(`${at}.usableBy`, problem, "no usableBy beside token: 'relay'");
  }
  const rejectedWhen = memberOf(target, 'rejectedWhen');
  if (rejectedWhen !== undefined && rejectedWhen !== 'never') {
    const problem = 'is given, but nothing replaces a token of the caller that the target rejects';
    problems.add(`${at}.rejectedWhen`, problem, "rejectedWhen: 'never'\nor no rejectedWhen beside token: 'relay'");
  }
}

/** Adds a problem for each target that needs the token of a caller, if this service accepts none. */
export function checkCallersAreAccepted(
  problems: Problems,
  targets: readonly { readonly name: string; readonly tokenChoice: TokenChoice }[],
  acceptsCallers: boolean,
): void {
  for (const { name, tokenChoice } of targets) {
    if (tokenChoice === 'own' || acceptsCallers) continue;
    const problem = `is '${tokenChoice}', but no token of a caller is accepted: the options have no resourceServer`;
    const remedy = "resourceServer: { audience: 'https://my-api' }\nor token: 'own'";
    problems.add(`client.targets.${name}.token`, problem, remedy);
  }
}
