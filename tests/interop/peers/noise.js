// What browsers and their backend send one another: messages of every size, known to both, in each direction. Runs in
// Node and in pages.
'use strict';

const SIZES = [4, 128, 4096, 65536, 262144];  // bytes

// Message `number` of a direction, as 32-bit words: another xorshift for each.
function noise(direction, number) {
  const words = new Uint32Array(SIZES[number % SIZES.length] / 4);
  let state = (number * 2 + direction) * 2654435761 + 1 | 1;
  for (let i = 0; i < words.length; ++i) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return words;
}

// Takes the messages of a direction until they have at least that many bytes; counts those that are not what was sent.
class Checker {
  constructor(direction, bytes) {
    Object.assign(this, {direction, bytes, number: 0, received: 0, wrong: 0});
    this.all = new Promise((resolve) => this.finish = resolve);
  }
  take(words) {
    const expected = noise(this.direction, this.number++);
    if (words.length !== expected.length || words.some((word, i) => word !== expected[i])) ++this.wrong;
    this.received += words.length * 4;
    if (this.received >= this.bytes) this.finish();
  }
  told() {
    return {bytes: this.received, messages: this.number, wrong: this.wrong};
  }
}

// Sends the messages of a direction, never far ahead of the network.
async function sendNoise(socket, direction, bytes) {
  for (let number = 0, sent = 0; sent < bytes; ++number) {
    const words = noise(direction, number);
    socket.send(words);
    sent += words.length * 4;
    while (socket.bufferedAmount > 4 << 20) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

// In a page: both directions at once. What it has received, and what the backend says that it has.
async function exchange(url, bytes) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const checker = new Checker(1, bytes);
  const backend = new Promise((resolve) => socket.onmessage = ({data}) => {
    if (typeof data === 'string') resolve(JSON.parse(data)); else checker.take(new Uint32Array(data));
  });
  const closed = new Promise((resolve) => socket.onclose = ({code}) => resolve(code));
  await Promise.race([new Promise((resolve) => socket.onopen = resolve), closed]);
  const done = Promise.all([sendNoise(socket, 0, bytes), checker.all, backend]);
  const code = await Promise.race([done.then(() => null), closed]);
  if (code !== null) return {page: checker.told(), code};
  socket.close(1000);
  return {page: checker.told(), backend: await backend, code: await closed};
}

if (typeof module !== 'undefined') module.exports = {Checker, sendNoise};
