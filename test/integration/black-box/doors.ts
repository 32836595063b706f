import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addUser } from '@milepost/access';
import type { TestScope } from '@milepost/test-support';
import { BrokerProcess } from '../../fuzz/broker-process.js';

/** Where any MQTT client may come in, and with what. */
export interface Door {
  transport: 'tcp' | 'tls' | 'ws' | 'wss';
  port: number;
  /** Of the authority that signed the server's certificate. */
  caFile?: string;
  caPem?: string;
  username?: string;
  password?: string;
}

/** The conformance broker's doors: the log in memory, everything permitted to anybody. */
export const conformanceDoors = ['TCP', 'WebSocket'] as const;
/** The doors of a broker as it is installed: Kafka below, users and an ACL file at the entrance. */
export const installedDoors = ['TLS', 'WebSocket over TLS', 'TCP'] as const;
export type DoorName =
  | `${(typeof conformanceDoors)[number]} of the conformance broker`
  | `${(typeof installedDoors)[number]} of a broker with Kafka`;
export const doorNames: readonly DoorName[] = [
  ...conformanceDoors.map((name) => `${name} of the conformance broker` as const),
  ...installedDoors.map((name) => `${name} of a broker with Kafka` as const),
];

/** What the user of the tests may do; everything else is forbidden to it. */
const ACL = 'user tester\ntopic readwrite black-box/#\n';
const LOGIN = { username: 'tester', password: 'correct horse' };

/** Starts both brokers; they end with the scope. */
export async function openDoors(scope: TestScope): Promise<Record<DoorName, Door>> {
  const [permissive, installed] = await Promise.all([openConformanceBroker(scope), openInstalledBroker(scope)]);
  return { ...permissive, ...installed };
}

async function openConformanceBroker(scope: TestScope) {
  const broker = await BrokerProcess.start(['--ws-port', '0']);
  scope.onEnd(() => broker.stop());
  return {
    'TCP of the conformance broker': { transport: 'tcp', port: broker.port },
    'WebSocket of the conformance broker': { transport: 'ws', port: Number(new URL(broker.webSocketUrl ?? '').port) },
  } as const;
}

async function openInstalledBroker(scope: TestScope) {
  const [pki, kafka] = await Promise.all([scope.pki(), scope.topics()]);
  const usersFile = join(pki.dir, 'users.jsonl');
  const aclFile = join(pki.dir, 'acl');
  await addUser(usersFile, { name: LOGIN.username, organisation: 'acme', password: Buffer.from(LOGIN.password) });
  await writeFile(aclFile, ACL);
  const broker = await scope.app('broker', {
    ...kafka.environment,
    ...pki.environment,
    MQTT_TLS_PORT: '0',
    MQTT_OPERATOR_TLS_PORT: '0',
    MQTT_WS_PORT: '0',
    MQTT_TCP_PORT: '0',
    MQTT_USERS_FILE: usersFile,
    MQTT_ACL_FILE: aclFile,
    NODE_ID: 'node-b',
  });
  const portOf = async (door: string) => Number((await broker.waitForLog(`broker.${door}.listening`)).port);
  const { certificate: caFile } = pki.authority.files;
  const common = { caFile, caPem: pki.caPem, ...LOGIN };
  return {
    'TLS of a broker with Kafka': { transport: 'tls', port: await portOf('operators'), ...common },
    'WebSocket over TLS of a broker with Kafka': { transport: 'wss', port: await portOf('web_socket'), ...common },
    'TCP of a broker with Kafka': { transport: 'tcp', port: await portOf('tcp'), ...LOGIN },
  } as const;
}
