// Without a declaration of M2MNames a name is any string.
import { M2MModule, type M2MClientName, type M2MClientService, type M2MTargetName } from 'nestjs-m2m';

type Same<One, Other> = [One, Other] extends [Other, One] ? true : false;
export const areStrings: [Same<M2MTargetName, string>, Same<M2MClientName, string>] = [true, true];

export function callAny(m2m: M2MClientService, name: string): unknown[] {
  const ofOne = m2m.http.get('https://api.example', { m2m: { client: name } });
  return [
    ofOne,
    m2m.for(name),
    m2m.client(name).fetchFor(name),
    m2m.getToken({ target: name }),
    M2MModule.forFeature([name]),
  ];
}
