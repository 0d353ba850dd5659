// A WebSocket server on Node's ws. Echoes messages; a text that starts with ! is an order to the server itself.
'use strict';
const {WebSocketServer} = require('ws');

const PROTOCOLS = ['chat.v1', 'chat.v2'];

function obey(socket, [order, argument, ...rest]) {
  if (order === '!close') {
    socket.close(Number(argument), rest.join(' '));
  } else if (order === '!terminate') {
    socket.terminate();
  } else if (order === '!pieces') {
    for (const piece of [argument, ...rest]) socket.send(piece, {fin: false});
    socket.send('', {fin: true});
  } else if (order === '!ping') {
    socket.once('pong', (payload) => socket.send(`pong ${payload}`));
    socket.ping(argument);
  }
}

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  maxPayload: 16 << 20,
  perMessageDeflate: {threshold: 0},
  handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
});
server.on('connection', (socket, request) => {
  console.log(`opened ${request.url}`);
  socket.on('error', () => {});
  socket.on('close', (code, reason) => console.log(`closed ${code} ${reason}`));
  socket.on('message', (data, isBinary) => {
    if (!isBinary && data[0] === 0x21) {
      obey(socket, data.toString().split(' '));
    } else {
      socket.send(data, {binary: isBinary});
    }
  });
});
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
