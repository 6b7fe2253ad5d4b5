/** What a command reads from and writes to. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: AsyncIterable<string | Uint8Array>;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Aborted when the command is to end. */
  readonly signal: AbortSignal;
}

/** What a command ends with. */
export const ExitCode = {
  ok: 0,
  /** The server refused, or could not be reached. */
  failed: 1,
  /** The command line or the environment is wrong. */
  usage: 2,
} as const;
