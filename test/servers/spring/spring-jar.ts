import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptFolder } from '../support/kept-folder.js';
import { run } from '../support/run.js';

const SOURCES = join(import.meta.dirname, 'authorization-server');

/** The version of Spring Boot. */
export const [, SPRING_BOOT = ''] =
  /<parent>.*<version>(.*)<\/version><\/parent>/.exec(readFileSync(join(SOURCES, 'pom.xml'), 'utf8')) ?? [];

/** The path of the server, which is built once; the first call on a machine downloads 40 MB. */
export async function springJar(): Promise<string> {
  const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const sources = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));
  const built = await keptFolder('spring-authorization-server', sources.join('\n'), async (folder) => {
    cpSync(SOURCES, folder, { recursive: true });
    await run('mvn', ['--batch-mode', '--quiet', '-DskipTests', 'package'], folder);
  });
  return join(built, 'target', 'authorization-server-1.jar');
}
