import { spawnSync } from 'node:child_process';

/** What the build needs. */
const OLDEST_GO = [1, 22] as const;

/** @throws Error that says why nothing can be built with Go on this machine */
export function checkGo(product: string): void {
  const { stdout, error } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const needed = `${product} is built from its sources with Go ${OLDEST_GO.join('.')} or newer`;
  if (error) throw new Error(`${needed}, and there is no go on PATH.`);
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST_GO;
  if (Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor)) return;
  throw new Error(`${needed}, and the go on PATH is ${stdout.trim() || 'of an unknown version'}.`);
}
