import 'node:https';
import 'node:tls';
