import type { TestScope } from '@milepost/test-support';
import { BrokerProcess } from '../../fuzz/broker-process.js';
import { brokerWithUsers, PASSWORD } from '../broker/broker-with-users.js';

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
const LOGIN = { username: 'tester', password: PASSWORD };

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
  const world = await brokerWithUsers(scope, {
    users: { [LOGIN.username]: 'acme' },
    acl: ACL,
    environment: { MQTT_WS_PORT: '0', MQTT_TCP_PORT: '0', NODE_ID: 'node-b' },
  });
  const { portOf } = await world.start();
  const { pki } = world;
  const { certificate: caFile } = pki.authority.files;
  const common = { caFile, caPem: pki.caPem, ...LOGIN };
  return {
    'TLS of a broker with Kafka': { transport: 'tls', port: await portOf('users'), ...common },
    'WebSocket over TLS of a broker with Kafka': { transport: 'wss', port: await portOf('webSocket'), ...common },
    'TCP of a broker with Kafka': { transport: 'tcp', port: await portOf('tcp'), ...LOGIN },
  } as const;
}
