// An HTTP server on Node's own http, with a page for each way that an answer can be framed.
'use strict';
const {createHash} = require('node:crypto');
const http = require('node:http');

async function digest(request) {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of request) {
    hash.update(chunk);
    length += chunk.length;
  }
  return {length, sha256: hash.digest('hex')};
}

const pages = {
  // What arrived, as JSON.
  async '/inspect'(request, response) {
    const {method, url, headers, httpVersion} = request;
    const body = await digest(request);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({method, url, headers, httpVersion, body, trailers: request.trailers}));
  },
  // The body as it came, chunked.
  '/echo': (request, response) => request.pipe(response),
  '/length'(request, response) {
    response.setHeader('content-length', 5);
    response.end('hello');
  },
  '/chunked'(request, response) {
    response.write('hel');
    response.end('lo');
  },
  '/until-close'(request, response) {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.removeHeader('transfer-encoding');
    response.write('hel');
    response.end('lo');
  },
  '/trailers'(request, response) {
    response.setHeader('trailer', 'x-checksum');
    response.write('hello');
    response.addTrailers({'x-checksum': '42'});
    response.end();
  },
  '/hints'(request, response) {
    response.writeEarlyHints({link: '</style.css>; rel=preload'}, () => response.end('hello'));
  },
  '/204': (request, response) => response.writeHead(204).end(),
  '/304': (request, response) => response.writeHead(304, {etag: '"a"'}).end(),
  '/hop': (request, response) =>
      response.writeHead(200, {'connection': 'x-private', 'x-private': '1', 'x-public': '1'}).end('hello'),
};

const server = http.createServer((request, response) => {
  const page = pages[request.url.split('?')[0]];
  if (page) {
    page(request, response);
  } else {
    response.writeHead(404).end('no such page');
  }
});
server.on('checkContinue', (request, response) => {
  if (request.url === '/refuse') {
    response.writeHead(413, {connection: 'close'}).end('too much');
  } else {
    response.writeContinue();
    server.emit('request', request, response);
  }
});
// Upgrades to a protocol of its own are its last page: it speaks first, then echoes, and says goodbye at the end.
server.on('upgrade', (request, socket, head) => {
  if (request.headers.upgrade !== 'custom/1') {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  if (request.url === '/refused') {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno');
    return;
  }
  socket.on('error', () => {});
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: custom/1\r\n\r\nhello\n');
  if (head.length > 0) socket.write(head);
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('end', () => socket.end('goodbye\n'));
});
server.listen({host: '127.0.0.1', port: 0}, () => console.log(`listening on 127.0.0.1:${server.address().port}`));
