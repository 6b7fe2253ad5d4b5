import { createInterface } from 'node:readline';

/**
 * Asks a person for a yes. The end of the input is a no.
 *
 * @throws Error if the person ends the command by Ctrl+C
 */
export async function ask(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  const lines = createInterface({ input, output });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      lines
        .once('SIGINT', () => reject(new Error('ended by Ctrl+C')))
        .once('close', () => resolve(false))
        .question(`${question} [y/N] `, (answer) => resolve(/^y(?:es)?$/i.test(answer.trim())));
    });
  } finally {
    lines.close();
  }
}
