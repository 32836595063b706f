import { Command } from 'commander';
import { exitCodes } from '../../cli-error.js';
import { checkCertificates } from '../../doctor/check-certificates.js';
import { checkKafka } from '../../doctor/check-kafka.js';
import { checkPostgres } from '../../doctor/check-postgres.js';
import { checkStack } from '../../doctor/check-stack.js';
import { findingText } from '../../doctor/finding.js';
import type { Installation } from '../../installation.js';
import { print } from '../../output.js';
import { doctorTls } from './tls.js';

export const doctor = (installation: Installation): Command =>
  new Command('doctor')
    .description('look at the stack, Kafka, Postgres, certificates and the clock; says what is wrong and how to mend it (exit code 1)')
    .option('--pki <dir>', 'folder of the authority (default: pki in the data folder)')
    .addCommand(doctorTls(installation))
    .action(async ({ pki = installation.pkiFolder }: { pki?: string }) => {
      const checks = [checkStack(installation), checkKafka(installation), checkPostgres(installation), checkCertificates(pki)];
      const findings = (await Promise.all(checks)).flat();
      for (const finding of findings) print(findingText(finding));
      if (!findings.every(({ ok }) => ok)) process.exitCode = exitCodes.failed;
    });
