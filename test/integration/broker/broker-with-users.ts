import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addUser } from '@milepost/access';
import type { TestApp, TestPki, TestScope } from '@milepost/test-support';
import { WireClient } from './wire-client.js';

export const PASSWORD = 'correct horse';

export interface UsersOfBroker {
  /** By name: the organisation. */
  users: Readonly<Record<string, string>>;
  /** What they may do, as the ACL file says it. */
  acl: string;
  /** What the broker is told beside its files; ports of the doors that are to be open beside those of vehicles and users over TLS. */
  environment: Readonly<Record<string, string>>;
}

/** A broker on Kafka whose users have `PASSWORD`, before it is started. */
export interface BrokerWithUsers {
  readonly pki: TestPki;
  readonly usersFile: string;
  readonly aclFile: string;
  /** Once more after its end: on the same topics. */
  start(): Promise<StartedBroker>;
  /** Of the first of its users, at the door for them; its socket ends with the scope. */
  wireClient(clientId: string, port: number): WireClient;
}

const LISTENING = {
  vehicles: 'broker.listening',
  users: 'broker.operators.listening',
  webSocket: 'broker.web_socket.listening',
  tcp: 'broker.tcp.listening',
} as const;

export interface StartedBroker {
  readonly app: TestApp;
  portOf(door: keyof typeof LISTENING): Promise<number>;
}

export async function brokerWithUsers(scope: TestScope, { users, acl, environment }: UsersOfBroker): Promise<BrokerWithUsers> {
  const [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
  const [usersFile, aclFile] = [join(pki.dir, 'users.jsonl'), join(pki.dir, 'acl')];
  for (const [name, organisation] of Object.entries(users))
    await addUser(usersFile, { name, organisation, password: Buffer.from(PASSWORD) });
  await writeFile(aclFile, acl);
  const [userName = ''] = Object.keys(users);
  return {
    pki,
    usersFile,
    aclFile,
    start: async () => {
      const app = await scope.app('broker', {
        ...kafka.environment,
        ...pki.environment,
        MQTT_TLS_PORT: '0',
        MQTT_OPERATOR_TLS_PORT: '0',
        MQTT_USERS_FILE: usersFile,
        MQTT_ACL_FILE: aclFile,
        ...environment,
      });
      return { app, portOf: async (door) => Number((await app.waitForLog(LISTENING[door])).port) };
    },
    wireClient: (clientId, port) => {
      const client = new WireClient({ port, ca: pki.caPem, clientId, userName, password: PASSWORD });
      scope.onEnd(() => client.cut());
      return client;
    },
  };
}
