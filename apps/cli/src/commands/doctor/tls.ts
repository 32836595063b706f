import { existsSync } from 'node:fs';
import { authorityFiles, loadTrust } from '@milepost/pki';
import { Command } from 'commander';
import { port } from '../../arguments/options.js';
import { readNamedFile } from '../../arguments/read-named-file.js';
import { exitCodes } from '../../cli-error.js';
import { findingTexts } from '../../doctor/finding.js';
import { inspectVehicleCertificate } from '../../doctor/inspect-vehicle-certificate.js';
import { tryHandshake } from '../../doctor/try-handshake.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

interface Options {
  cert: string;
  key: string;
  ca: string;
  host?: string;
  port?: number;
  trust?: string;
}

export const doctorTls = (installation: Installation): Command =>
  new Command('tls')
    .description("say what is wrong with a vehicle's certificate, then try a handshake with the broker (exit code 1 when something is)")
    .requiredOption('--cert <file>', 'certificate of the vehicle')
    .requiredOption('--key <file>', 'its key')
    .requiredOption('--ca <file>', "CA of the broker's certificate")
    .option('--host <host>', 'broker (default: that of the running stack, else 127.0.0.1)')
    .option('--port <port>', 'its port (default: that of the running stack, else 8883)', port)
    .option('--trust <file>', 'trusted-cas.json of the broker (default: that of the data folder, if there is one)')
    .action(async (options: Options) => {
      // One after the other: of several that are not there the first is named.
      const certificate = await textOf('--cert', options.cert);
      const key = await textOf('--key', options.key);
      const ca = await textOf('--ca', options.ca);
      const trustFile = options.trust ?? authorityFiles(installation.pkiFolder).trust;
      const trust = options.trust !== undefined || existsSync(trustFile) ? await loadTrust(trustFile) : undefined;
      trust?.close();
      note(trust ? `Trusted CAs as in ${trustFile}` : 'No trusted-cas.json is known here; name it with --trust to have it checked.');

      const inspected = inspectVehicleCertificate({ certificate, key, ca, ...(trust && { trust }) });
      const foundWrong = inspected.filter(({ ok }) => !ok).map(({ subject }) => subject);
      const findings = [...inspected, await tryHandshake({ ...brokerOf(installation, options), certificate, key, ca, foundWrong })];
      for (const text of findingTexts(findings)) print(text);
      if (!findings.every(({ ok }) => ok)) process.exitCode = exitCodes.failed;
    });

function brokerOf(installation: Installation, options: Options): { host: string; port: number } {
  if (options.host !== undefined && options.port !== undefined) return { host: options.host, port: options.port };
  const read = installation.readStack();
  if (read.kind === 'unreadable') note(`${read.detail}; the broker is looked for as if none ran. ${read.mend}`);
  const url = new URL(read.kind === 'runs' ? read.stack.mqttUrl : 'mqtts://127.0.0.1:8883');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host: options.host ?? host, port: options.port ?? (url.port === '' ? 8_883 : Number(url.port)) };
}

const textOf = async (option: string, file: string): Promise<string> => (await readNamedFile(option, file)).toString();
