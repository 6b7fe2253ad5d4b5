import type { ConfigurationProblem, RemedyLine } from '../errors/configuration.error.js';
import { optionName } from '../validation/option-path.js';
import { isVariable, TARGET_FIELDS, targetVariable } from './environment-variables.js';

/** Variables by the option that they set. */
const VARIABLES: ReadonlyMap<string, string> = new Map([
  ['authorizationServer.metadataUrl', 'M2M_METADATA_URL'],
  ['authorizationServer.tokenEndpoint', 'M2M_TOKEN_ENDPOINT'],
  ['authorizationServer.jwksUri', 'M2M_JWKS_URI'],
  ['insecureOrigins', 'M2M_INSECURE_ORIGINS'],
  ['client.clientId', 'M2M_CLIENT_ID'],
  ['client.clientSecret', 'M2M_CLIENT_SECRET'],
  ['client.clientAuthentication', 'M2M_CLIENT_AUTHENTICATION'],
  ['client.audience', 'M2M_AUDIENCE'],
  ['client.resource', 'M2M_RESOURCE'],
  ['client.scope', 'M2M_SCOPE'],
  ['client.organization', 'M2M_ORGANIZATION'],
  ['resourceServer.audience', 'M2M_API_AUDIENCE'],
  ['resourceServer.allowedClients', 'M2M_API_CLIENTS'],
  ['resourceServer.callers', 'M2M_API_CALLERS'],
]);

/** Variables whose names are separated by commas in messages. */
const WITH_COMMAS: ReadonlySet<string> = new Set(['M2M_INSECURE_ORIGINS', 'M2M_API_CLIENTS']);

/** Says of a variable what the options' own checks say of an option. */
export function ofVariable(problem: ConfigurationProblem): ConfigurationProblem {
  const variable = variableOf(problem.option);
  if (variable === undefined || variable === problem.option) return problem;
  const { lines, ...others } = problem;
  if (!lines) return { ...others, option: variable };
  const remedy = lines.flatMap(lineOf).join('\nor ');
  // What no variable can say belongs into the options.
  return { ...others, option: variable, remedy: remedy || `${variable}=` };
}

function lineOf({ option, value, note }: RemedyLine): readonly string[] {
  const variable = variableOf(option);
  if (variable === undefined) return [];
  const texts = [value].flat().filter((each) => typeof each === 'string');
  const text = texts.join(WITH_COMMAS.has(variable) ? ',' : ' ');
  return [`${variable}=${text}${note === undefined ? '' : ` # ${note}`}`];
}

/** The variable that sets an option; `undefined` if none does. */
function variableOf(option: string): string | undefined {
  if (isVariable(option)) return option;
  const name = optionName(option);
  if (/(?:^|\.)authorizationServer\./.test(option)) return VARIABLES.get(`authorizationServer.${name}`) ?? 'M2M_ISSUER';
  const target = /^client\.targets\.([^.]+)\./.exec(option)?.[1];
  // What is wrong with a token request is named without the client.
  if (target === undefined) return VARIABLES.get(option) ?? VARIABLES.get(`client.${option}`);
  return TARGET_FIELDS.find((field) => field.toLowerCase() === name) && targetVariable(target, name);
}
