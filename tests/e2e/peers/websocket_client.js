// A WebSocket client on Node's ws: node websocket_client.js SCENARIO URL. Exits with 0 when all went as it should.
'use strict';
const assert = require('node:assert');
const {once} = require('node:events');
const WebSocket = require('ws');

async function open(url, protocols = [], options = {}) {
  const socket = new WebSocket(url, protocols, {perMessageDeflate: false, ...options});
  await once(socket, 'open');
  return socket;
}

async function exchange(socket, message) {
  socket.send(message);
  const [data, isBinary] = await once(socket, 'message');
  return isBinary ? data : data.toString();
}

async function leave(socket) {
  socket.close(1000);
  await once(socket, 'close');
}

async function expectEcho(url, message, options) {
  const socket = await open(url, [], options);
  assert.deepStrictEqual(await exchange(socket, message), message);
  await leave(socket);
}

const scenarios = {
  text: (url) => expectEcho(url, 'grüß dich, 世界'),
  binary: (url) => expectEcho(url, Buffer.from(Array.from({length: 256}, (_, i) => i))),
  large: (url) => expectEcho(url, Buffer.from(Uint32Array.from({length: 1 << 18}, (_, i) => i).buffer)),

  async burst(url) {
    const socket = await open(url);
    const got = [];
    socket.on('message', (data) => got.push(Number(data)));
    for (let i = 0; i < 1000; ++i) socket.send(String(i));
    while (got.length < 1000) await once(socket, 'message');
    assert.deepStrictEqual(got, Array.from({length: 1000}, (_, i) => i));
    await leave(socket);
  },

  async client_pings(url) {
    const socket = await open(url);
    socket.ping('abc');
    const [payload] = await once(socket, 'pong');
    assert.strictEqual(payload.toString(), 'abc');
    await leave(socket);
  },

  async server_pings(url) {
    const socket = await open(url);
    assert.strictEqual(await exchange(socket, '!ping abc'), 'pong abc');
    await leave(socket);
  },

  async subprotocol(url) {
    const socket = await open(url, ['unknown', 'chat.v2']);
    assert.strictEqual(socket.protocol, 'chat.v2');
    await leave(socket);
  },

  async deflate(url) {
    const socket = await open(url, [], {perMessageDeflate: {threshold: 0}});
    assert.match(socket.extensions, /permessage-deflate/);
    const message = 'compress me '.repeat(10000);
    assert.strictEqual(await exchange(socket, message), message);
    await leave(socket);
  },

  async fragments(url) {
    const socket = await open(url);
    const echoed = once(socket, 'message');
    for (const piece of ['in ', '', 'many ']) {
      socket.send(piece, {fin: false});
      socket.ping('between');
    }
    socket.send('pieces', {fin: true});
    assert.strictEqual((await echoed)[0].toString(), 'in many pieces');
    assert.strictEqual(await exchange(socket, '!pieces in many pieces'), 'inmanypieces');
    await leave(socket);
  },

  async compressed_fragments(url) {
    const socket = await open(url, [], {perMessageDeflate: {threshold: 0}});
    const echoed = once(socket, 'message');
    const piece = 'compress me '.repeat(5000);
    socket.send(piece, {fin: false, compress: true});
    socket.send(piece, {fin: true});
    assert.strictEqual((await echoed)[0].toString(), piece + piece);
    await leave(socket);
  },

  async client_closes(url) {
    const socket = await open(url);
    socket.close(4001, 'client is done');
    const [code] = await once(socket, 'close');
    assert.strictEqual(code, 4001);
  },

  async server_closes(url) {
    const socket = await open(url);
    socket.send('!close 4002 server is done');
    const [code, reason] = await once(socket, 'close');
    assert.deepStrictEqual([code, reason.toString()], [4002, 'server is done']);
  },

  async is_told(url) {
    const socket = await open(url);
    assert.strictEqual(await exchange(socket, 'here'), 'here');
    console.log('open');
    // Its only word on this is in the browser's kind of event.
    const event = new Promise((resolve) => socket.addEventListener('close', resolve));
    const [code, reason] = await once(socket, 'close');
    console.log(`told ${code} ${reason}`);
    console.log(`clean ${(await event).wasClean}`);
  },

  async is_too_long(url) {
    const socket = await open(url);
    socket.send('four');
    const [code, reason] = await once(socket, 'close');
    console.log(`told ${code} ${reason}`);
  },

  async client_vanishes(url) {
    const socket = await open(url);
    await exchange(socket, 'here');
    socket.terminate();
  },

  async server_vanishes(url) {
    const socket = await open(url);
    socket.on('error', () => {});
    socket.send('!terminate');
    const [code] = await once(socket, 'close');
    assert.strictEqual(code, 1006);
  },
};

const [scenario, url] = process.argv.slice(2);
scenarios[scenario](url).catch((error) => {
  console.error(error);
  process.exit(1);
});
