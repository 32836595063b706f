import { Command } from 'commander';
import { exitCodes } from '../../cli-error.js';
import { checkCertificates } from '../../doctor/check-certificates.js';
import { checkKafka } from '../../doctor/check-kafka.js';
import { checkPostgres } from '../../doctor/check-postgres.js';
import { checkStack } from '../../doctor/check-stack.js';
import { checkTopics } from '../../doctor/check-topics.js';
import { findingTexts } from '../../doctor/finding.js';
import { print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { doctorTls } from './tls.js';

export const doctor = (installation: Installation): Command =>
  new Command('doctor')
    .description('look at the stack, Kafka, Postgres, certificates and the clock; says what is wrong and how to mend it (exit code 1)')
    .option('--pki <dir>', 'folder of the authority (default: pki in the data folder)')
    .addCommand(doctorTls(installation))
    .action(async ({ pki = installation.pkiFolder }: { pki?: string }) => {
      const checks = [checkStack(installation), checkKafka(installation), checkPostgres(installation), checkCertificates(pki)] as const;
      const [stack, kafka, postgres, certificates] = await Promise.all(checks);
      // Where one of them does not answer, that is what there is to mend.
      const bothAnswer = [kafka, postgres].every((found) => found.length > 0 && found.every(({ ok }) => ok));
      const topics = bothAnswer ? await checkTopics(installation) : [];
      const findings = [...stack, ...kafka, ...topics, ...postgres, ...certificates];
      for (const text of findingTexts(findings)) print(text);
      if (!findings.every(({ ok }) => ok)) process.exitCode = exitCodes.failed;
    });
