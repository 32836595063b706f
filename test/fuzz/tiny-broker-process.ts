// The tiny broker as a process of its own, so that its end, its stalls and its memory are its own.
import { startTinyBroker } from './tiny-broker.js';

const { port } = await startTinyBroker();
process.stdout.write(`ready on port ${port}\n`);
