// A client or a backend on Node's https: node peer.js [--server] --bytes N … like interop_peer. Upgrades, then sends
// and receives as much as it is told to, and says what it was in a line of JSON.
'use strict';
const {createHash, randomBytes} = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const {parseArgs} = require('node:util');

const {values: options} = parseArgs({options: {
  server: {type: 'boolean', default: false},
  ...Object.fromEntries(['port', 'cert', 'key', 'ca', 'name', 'bytes'].map((name) => [name, {type: 'string'}])),
}});
const bytes = Number(options.bytes);

// Noise in pieces of every size. The last byte waits, as interop_peer's does, so that no key update crosses the end.
async function send(socket, hash, received) {
  const block = randomBytes(1048573);
  for (let sent = 0; sent < bytes;) {
    const at = sent % block.length;
    const last = sent === bytes - 1;
    if (last) await received;
    const left = last ? 1 : bytes - 1 - sent;
    const size = Math.min(1 + Math.floor(Math.random() * 40000), left, block.length - at);
    // A copy: what is written may not change until it is sent.
    const piece = Buffer.from(block.subarray(at, at + size));
    hash.update(piece);
    sent += size;
    if (!socket.write(piece)) await new Promise((resolve) => socket.once('drain', resolve));
    if (sent % block.length === 0) block[0] ^= 1 + (sent & 0x7f);
  }
}

// Gives how much there is, and when there is as much as that.
function receive(socket, hash, head) {
  let got = 0;
  const waiting = new Map();
  const take = (data) => {
    hash.update(data);
    got += data.length;
    for (const [size, resolve] of waiting) if (got >= size) resolve();
  };
  socket.on('data', take);
  const until = (size) => new Promise((resolve) => waiting.set(size, resolve) && got >= size && resolve());
  const [nearly, all] = [until(bytes - 1), until(bytes)];
  take(head);
  return {nearly, all, size: () => got};
}

async function exchange(socket, head) {
  const ended = new Promise((resolve) => socket.once('end', resolve));
  socket.on('error', (error) => { console.error(error); process.exit(1); });
  const [sent, received] = [createHash('sha256'), createHash('sha256')];
  const arriving = receive(socket, received, head);
  await Promise.all([send(socket, sent, options.server ? arriving.all : arriving.nearly), arriving.all]);
  if (!options.server) socket.end();
  await ended;
  if (options.server) socket.end();
  console.log(JSON.stringify({sent: [bytes, sent.digest('hex')], received: [arriving.size(), received.digest('hex')],
                              orderly: arriving.size() === bytes}));
  process.exitCode = 0;
  if (options.server) server.close();
}

let server;
// Until an exchange has come to its end.
process.exitCode = 1;
if (options.server) {
  server = https.createServer({cert: fs.readFileSync(options.cert), key: fs.readFileSync(options.key),
                               minVersion: 'TLSv1.3'});
  server.on('upgrade', (request, socket, head) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: bulk\r\n\r\n');
    exchange(socket, head);
  });
  server.listen(0, '127.0.0.1', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
} else {
  const request = https.request({host: '127.0.0.1', port: options.port, servername: options.name, minVersion: 'TLSv1.3',
                                 ca: fs.readFileSync(options.ca), headers: {Connection: 'Upgrade', Upgrade: 'bulk'}});
  request.on('upgrade', (response, socket, head) => exchange(socket, head));
  request.on('response', (response) => { console.error(`no upgrade: ${response.statusCode}`); process.exit(1); });
  request.end();
}
