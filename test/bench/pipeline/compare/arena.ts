import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority, issueCertificates, issueServerCertificate } from '@milepost/pki';
import { KafkaCluster } from '../../../chaos/system/kafka-cluster.js';
import { PostgresServer } from '../../../chaos/system/postgres-server.js';
import type { VehicleCredentials } from '../bench-vehicle.js';

export const partitions = 12;

/** What both sides get alike: a Kafka of one node, a Postgres with fsync on, certificates, a folder. Nothing of it outlives the side. */
export interface Arena {
  folder: string;
  kafka: KafkaCluster;
  postgres: PostgresServer;
  /** Kafka and Postgres. */
  services(): { name: string; pid: number }[];
  tls: { certificateFile: string; keyFile: string; caFile: string; trustFile: string };
  caPem: string;
  credentials(vehicleIds: readonly string[]): Promise<VehicleCredentials[]>;
  stop(): Promise<void>;
}

export async function openArena(): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), 'milepost-compare-'));
  // As root, Postgres runs as another user and must get in.
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'logs'));
  let postgresPid = 0;
  const postgres = new PostgresServer({
    folder,
    onProcess: (pid) => {
      postgresPid = pid;
    },
  });
  const [kafka] = await Promise.all([KafkaCluster.start({ folder, nodes: 1, onProcess: () => undefined }), postgres.start()]);
  const authority: Authority = await createAuthority(join(folder, 'pki'));
  const server = await issueServerCertificate(authority);
  return {
    folder,
    kafka,
    postgres,
    services: () => [...kafka.processes.map(({ pid }) => ({ name: 'kafka', pid })), { name: 'postgres', pid: postgresPid }],
    tls: {
      certificateFile: server.certificateFile,
      keyFile: server.keyFile,
      caFile: authority.files.certificate,
      trustFile: authority.files.trust,
    },
    caPem: authority.certificatePem,
    credentials: async (vehicleIds) => {
      const issued = await issueCertificates(
        authority,
        vehicleIds.map((vehicleId) => ({ vehicleId })),
      );
      return issued.map(({ vehicleId, certificatePem, privateKeyPem }) => ({ id: vehicleId as string, certificatePem, privateKeyPem }));
    },
    stop: async () => {
      await kafka.stop(kafka.nodeIds);
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
