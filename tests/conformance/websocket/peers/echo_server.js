// A WebSocket server on Node's ws that echoes every message: what the suite's client is let loose on.
'use strict';
const {WebSocketServer} = require('ws');

const server = new WebSocketServer({host: '127.0.0.1', port: 0, maxPayload: 64 << 20, perMessageDeflate: {threshold: 0}});
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => socket.send(data, {binary: isBinary}));
});
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
