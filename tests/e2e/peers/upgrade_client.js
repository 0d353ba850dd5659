// Upgrades to a protocol of its own with Node's http: node upgrade_client.js URL. Exits with 0 when all went well.
'use strict';
const assert = require('node:assert');
const http = require('node:http');

const request = http.request(process.argv[2], {headers: {Connection: 'Upgrade', Upgrade: 'custom/1'}});
request.on('response', (response) => assert.fail(`no upgrade: ${response.statusCode}`));
request.on('upgrade', (response, socket, head) => {
  assert.strictEqual(response.headers.upgrade, 'custom/1');
  let got = head.toString();
  socket.on('data', (chunk) => got += chunk);
  socket.on('end', () => assert.strictEqual(got, 'hello\nping\ngoodbye\n'));
  // Half-closing: what comes after it is the point.
  socket.end('ping\n');
});
request.end();
