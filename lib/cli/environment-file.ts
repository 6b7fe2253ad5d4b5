import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { M2MConfigurationError } from '../errors/configuration.error.js';
import type { Environment } from '../options/environment-variables.js';

/**
 * The `M2M_*` variables of a file, as `node --env-file` reads it, in the place of those of a process. Others have to be
 * those of this process: Node.js reads certificates and proxies from there.
 *
 * @throws M2MConfigurationError if the file cannot be read, or begins with a byte order mark
 */
export function withEnvironmentFile(environment: Environment, file: string): Environment {
  const others = Object.entries(environment).filter(([name]) => !isOwn(name));
  const text = textOf(file);
  if (text.startsWith('\uFEFF')) {
    const problem = `begins with a byte order mark, which Node.js takes for a part of the first name: ${file}`;
    throw new M2MConfigurationError({ option: '--env', problem, remedy: '--env .env # saved as UTF-8 without BOM' });
  }
  const own = Object.entries(parseEnv(text)).filter(([name]) => isOwn(name));
  return Object.fromEntries([...others, ...own]);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const problem = `cannot be read: ${(error as NodeJS.ErrnoException).code}: ${file}`;
    throw new M2MConfigurationError({ option: '--env', problem, remedy: '--env .env' });
  }
}

function isOwn(name: string): boolean {
  return name.startsWith('M2M_');
}
