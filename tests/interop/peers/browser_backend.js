// The backend of a browser: a page with noise.js over TLS, and a WebSocket for it that says what it has received.
// node browser_backend.js --cert FILE --key FILE --bytes N
'use strict';
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const {parseArgs} = require('node:util');
const {WebSocketServer} = require('ws');
const {Checker, sendNoise} = require('./noise.js');

const {values: options} = parseArgs({
  options: Object.fromEntries(['cert', 'key', 'bytes'].map((name) => [name, {type: 'string'}])),
});
const bytes = Number(options.bytes);
const script = fs.readFileSync(path.join(__dirname, 'noise.js'), 'utf8');

const server = https.createServer({cert: fs.readFileSync(options.cert), key: fs.readFileSync(options.key),
                                   minVersion: 'TLSv1.3'}, (request, response) => {
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>noise</title><script>${script}</script>`);
});
const sockets = new WebSocketServer({server, perMessageDeflate: false});
sockets.on('connection', async (socket) => {
  socket.on('error', console.error);
  socket.on('close', (code) => console.log(`closed ${code}`));
  const checker = new Checker(0, bytes);
  socket.on('message', (data) => {
    // Copied: a view of words needs an even address.
    const copy = Uint8Array.from(data);
    checker.take(new Uint32Array(copy.buffer));
  });
  await Promise.all([sendNoise(socket, 1, bytes), checker.all]);
  socket.send(JSON.stringify(checker.told()));
});
server.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
