// A WebSocket client on Node's ws that goes through the cases of the suite's server, echoing:
// node echo_client.js URL AGENT. What the suite thinks of it stands in the suite's report.
'use strict';
const {once} = require('node:events');
const WebSocket = require('ws');

const [base, agent] = process.argv.slice(2);

function open(path) {
  const socket = new WebSocket(`${base}${path}`, {maxPayload: 64 << 20, rejectUnauthorized: false});
  socket.on('error', () => {});
  return socket;
}

async function visit(path) {
  const socket = open(path);
  socket.on('message', (data, isBinary) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(data, {binary: isBinary});
  });
  // Not once(): that gives up at an error, of which the suite makes many.
  await new Promise((resolve) => socket.on('close', resolve));
}

async function main() {
  const counter = open('/getCaseCount');
  const closed = once(counter, 'close');
  const [count] = await once(counter, 'message');
  await closed;
  for (let number = 1; number <= Number(count); ++number) await visit(`/runCase?case=${number}&agent=${agent}`);
  await visit(`/updateReports?agent=${agent}`);
  console.log(`${count} cases`);
}

main();
