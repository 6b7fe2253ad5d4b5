import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { isM2MError } from '../errors/m2m.error.js';
import { hasCode } from '../errors/has-code.js';
import { doctorCommand } from './doctor.command.js';
import { explainCommand } from './explain.command.js';
import { handlersCommand } from './handlers.command.js';
import { serveCommand } from './serve.command.js';
import { asciiOnly, ExitCode, ProblemsFound, withoutTokens, type Terminal } from './terminal.js';
import { tokenCommand } from './token.command.js';

/** Runs one command line. @returns the exit code */
export async function run(args: readonly string[], given: Terminal): Promise<number> {
  const terminal = asciiOnly(given);
  const tokenless = withoutTokens(terminal);
  const program = new Command('nestjs-m2m')
    .description(
      'Machine-to-machine OAuth 2.0: a test authorization server, tokens by hand, what is wrong, and the map of an API.',
    )
    .version(version())
    .addCommand(serveCommand(terminal))
    .addCommand(tokenCommand(terminal))
    .addCommand(explainCommand(tokenless))
    .addCommand(doctorCommand(tokenless))
    .addCommand(handlersCommand(tokenless))
    .addHelpText('after', EXIT_CODES);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: terminal.write,
        writeErr: tokenless.writeError,
        outputError: (text, write) => write(withoutValue(text)),
      })
      .showHelpAfterError('(--help lists the options)');
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return ExitCode.ok;
  } catch (error) {
    if (error instanceof ProblemsFound) return ExitCode.failed;
    // Commander has written its own message.
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    tokenless.writeError(`${args.includes('--json') ? JSON.stringify(failureOf(error)) : messageOf(error)}\n`);
    return hasCode(error, 'ERR_M2M_CONFIGURATION') ? ExitCode.usage : ExitCode.failed;
  }
}

const EXIT_CODES = `
Exit codes:
  0  done
  1  the authorization server refused, or could not be reached; explain: the token is refused;
     doctor: something is wrong
  2  the command line or the environment is wrong`;

/** Commander repeats an option that it does not know with its value, which may be a secret: `--client-secrt=s3cret`. */
function withoutValue(message: string): string {
  return message.replace(/(unknown option '[^=']+=).*(?=')/s, '$1...');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failureOf(error: unknown): Readonly<Record<string, unknown>> {
  const code = isM2MError(error) ? error.code : undefined;
  const refusal = hasCode(error, 'ERR_M2M_TOKEN_REQUEST') ? error : undefined;
  return {
    code,
    error: refusal?.error,
    error_description: refusal?.errorDescription,
    status: refusal?.upstreamStatus,
    message: messageOf(error),
  };
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
