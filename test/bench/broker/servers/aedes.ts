// aedes as its README starts it, over node:tls with client certificates.
import { createServer } from 'node:tls';
import { Aedes } from 'aedes';
import { listening, mutualTls, serve } from './serve.js';

serve(async (files) => {
  const broker = await Aedes.createBroker();
  const server = createServer(mutualTls(files), broker.handle);
  return listening(server);
});
