import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keptFolder } from '../support/kept-folder.js';
import { run } from '../support/run.js';
import { checkGo } from './go.js';

/** The version that is built. */
export const HYDRA_VERSION = '2.3.0';

const MODULE = `github.com/ory/hydra/v2@v${HYDRA_VERSION}`;
const BUILD_OPTIONS = ['-mod=mod', '-tags=sqlite,sqlite_omit_load_extension,json1'];

/** The path of a Hydra that is built; the first call on a machine takes minutes. @throws Error if that is not possible here */
export async function hydraBinary(): Promise<string> {
  const folder = await keptFolder(`hydra-${HYDRA_VERSION}`, BUILD_OPTIONS.join(' '), async (made) => {
    checkGo('Ory Hydra');
    process.stderr.write(`Ory Hydra ${HYDRA_VERSION} is being built: a few minutes, once on this machine.\n`);
    const sources = join(made, 'sources');
    const module = JSON.parse(await run('go', ['mod', 'download', '-json', MODULE], made)) as { Dir: string };
    await cp(module.Dir, sources, { recursive: true });
    // The module cache is read-only, and one replacement in the module names a folder that is not in it.
    await run('chmod', ['-R', 'u+w', sources], made);
    await run('go', ['mod', 'edit', '-dropreplace=github.com/ory/hydra-client-go/v2'], sources);
    await run('go', ['build', ...BUILD_OPTIONS, '-o', join(made, 'hydra'), '.'], sources);
    await rm(sources, { recursive: true });
  });
  return join(folder, 'hydra');
}
