import { spawnSync } from 'node:child_process';
import { describeWith } from '../../support/describe-with.js';

const OLDEST_JAVA = 17;

/** `describe` for tests with a server in Java; they are skipped if the JDK or Maven is missing, but not in CI. */
export const describeWithJava = describeWith('a server in Java', 'default-jdk-headless maven', [
  [`JDK ${OLDEST_JAVA} or newer`, jdkVersion() >= OLDEST_JAVA],
  ['Maven', spawnSync('mvn', ['--version']).status === 0],
]);

function jdkVersion(): number {
  const [, version = '0'] =
    /^\S+ (\d+)/.exec(spawnSync('javac', ['--version'], { encoding: 'utf8' }).stdout ?? '') ?? [];
  return Number(version);
}
