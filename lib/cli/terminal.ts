import { escaped } from '../errors/printable.js';

/** What a command reads from and writes to. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: AsyncIterable<string | Uint8Array>;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** A signal that is aborted when the command is to end. An interruption ends the process until this is called. */
  readonly interruption: () => AbortSignal;
  /** Asks a person for a yes; `undefined` if there is nobody to ask. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
}

/** A terminal that gets printable ASCII and new lines only: others could move the cursor, or hide something. */
export function asciiOnly(terminal: Terminal): Terminal {
  const { ask } = terminal;
  return {
    ...terminal,
    ask: ask && ((question) => ask(linesInAscii(question))),
    write: (text) => terminal.write(linesInAscii(text)),
    writeError: (text) => terminal.writeError(linesInAscii(text)),
  };
}

/** What may be a token: a JWT, or a part of one that can be used. Its header begins with a brace, and a name or white space. */
const TOKEN = /e(?:y[A-L]|w[0ko])[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*/g;

/** A terminal that gets no tokens, wherever in a text they stand: in a claim, in the message of a server, in an argument. */
export function withoutTokens(terminal: Terminal): Terminal {
  return {
    ...terminal,
    write: (text) => terminal.write(text.replaceAll(TOKEN, '[token]')),
    writeError: (text) => terminal.writeError(text.replaceAll(TOKEN, '[token]')),
  };
}

function linesInAscii(text: string): string {
  return text.split('\n').map(escaped).join('\n');
}

/** What a command ends with. */
export const ExitCode = {
  ok: 0,
  /** The server refused, or could not be reached; or a command found problems. */
  failed: 1,
  /** The command line or the environment is wrong. */
  usage: 2,
} as const;

/** A command has reported problems, and ends with the exit code for that. */
export class ProblemsFound extends Error {
  override readonly name = 'ProblemsFound';
}

/** Everything that comes from standard input. */
export async function readAll({ input }: Terminal): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
