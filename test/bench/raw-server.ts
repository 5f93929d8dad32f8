/**
 * Helper process: node:http, or node:https, sending one file from memory. `raw-server.ts BODY [CERTIFICATE KEY]`: paths,
 * of PEM files the last two.
 */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';

const [bodyFile = '', certFile, keyFile] = process.argv.slice(2);
const body = readFileSync(bodyFile);
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };
const listener: RequestListener = (_request, response) => {
  response.writeHead(200, headers).end(body);
};
const server =
  certFile === undefined || keyFile === undefined
    ? createHttpServer(listener)
    : createHttpsServer({ cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' }, listener);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.send?.({ url: `${certFile === undefined ? 'http' : 'https'}://127.0.0.1:${port}` });
});
