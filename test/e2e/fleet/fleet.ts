import { fork, type ChildProcess } from 'node:child_process';
import { kill } from '../../support/child-process.js';
import { CompiledSources } from '../../support/compiled-sources.js';
import type { MemberAnswer, MemberOrder, MemberSettings } from './messages.js';

const MEMBER = 'test/e2e/fleet/member.ts';

/** Real processes of one service, which share a Redis. */
export class Fleet implements AsyncDisposable {
  private constructor(
    private readonly compiled: CompiledSources,
    readonly members: readonly Member[],
  ) {}

  static async start(size: number, settings: MemberSettings): Promise<Fleet> {
    const compiled = await CompiledSources.compile([MEMBER]);
    const processes = Array.from({ length: size }, () => fork(compiled.path(MEMBER), [JSON.stringify(settings)]));
    return new Fleet(compiled, await Promise.all(processes.map(started)));
  }

  /** Has all of them do the same, at once. */
  all(order: MemberOrder): Promise<MemberAnswer[]> {
    return Promise.all(this.members.map((member) => member.carryOut(order)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await this.compiled[Symbol.asyncDispose]();
  }
}

/** One process. */
export class Member {
  constructor(private readonly process: ChildProcess) {}

  async carryOut(order: MemberOrder): Promise<MemberAnswer> {
    this.process.send(order);
    return (await next(this.process)) as MemberAnswer;
  }

  /** Without any chance to clean up. */
  kill(): Promise<void> {
    return kill(this.process);
  }
}

async function started(child: ChildProcess): Promise<Member> {
  await next(child);
  return new Member(child);
}

/** The next message of a process. */
function next(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('a process of the fleet ended'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}
