#include "pkg/demo/page.h"

namespace fairlead::demo {

std::string_view Page() {
  return R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Fairlead demo</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='5' fill='none' stroke='%231f7a8c' stroke-width='4'/%3E%3C/svg%3E">
<style>
:root {
  --ground: #f4f6f7; --card: #ffffff; --ink: #1d2a30; --soft: #5d6d75; --line: #dde4e7;
  --accent: #1f7a8c; --on-accent: #ffffff; --good: #23794c; --bad: #b3412f; --bar: #e6eef0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12181b; --card: #1a2226; --ink: #e3eaed; --soft: #93a4ac; --line: #2a353a;
    --accent: #5fb8c9; --on-accent: #0d1416; --good: #6cc795; --bad: #ee8c78; --bar: #263237;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2.5rem 1.25rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
main { max-width: 46rem; margin: 0 auto; display: grid; gap: 1rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0; letter-spacing: -.01em; }
h2 { font-size: .8125rem; font-weight: 600; color: var(--soft); margin: 0 0 .25rem; }
p { margin: 0; }
.lead, .next { color: var(--soft); }
.next { display: grid; gap: .375rem; font-size: .9375rem; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.25rem;
  min-width: 0;
}
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.figure {
  font-size: 1.5rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
.note { color: var(--soft); font-size: .875rem; font-variant-numeric: tabular-nums; min-height: 1.5em; }
#status {
  display: inline-flex; align-items: center; gap: .5rem; font-size: .875rem; font-weight: 600;
  color: var(--soft);
}
#status::before {
  content: ""; width: .625rem; height: .625rem; border-radius: 50%; background: currentColor;
}
#status[data-state=connected] { color: var(--good); }
#status[data-state=closed] { color: var(--bad); }
header button { margin-left: auto; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.row h2 { margin: 0 auto 0 0; }
.bar {
  display: grid; grid-template-columns: 5rem 1fr 2.5rem; gap: .75rem; align-items: center;
  margin-top: .5rem;
}
.bar .track { height: .625rem; border-radius: .3125rem; background: var(--bar); overflow: hidden; }
.bar .fill {
  height: 100%; width: 0; border-radius: inherit; background: var(--accent); transition: width .25s;
}
.bar .count { text-align: right; font-variant-numeric: tabular-nums; }
.bar.first .name { font-weight: 600; }
form { display: flex; gap: .5rem; }
input, button { font: inherit; border-radius: .5rem; padding: .4375rem .875rem; }
input { flex: 1; min-width: 0; color: inherit; background: var(--ground); border: 1px solid var(--line); }
button {
  font-size: .9375rem; cursor: pointer; color: var(--accent); background: transparent;
  border: 1px solid var(--line); white-space: nowrap;
}
button:hover { border-color: var(--accent); }
button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button:disabled { opacity: .45; cursor: default; border-color: var(--line); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#echo { margin-top: .5rem; overflow-wrap: anywhere; }
#log { list-style: none; margin: 0; padding: 0; height: 9rem; overflow-y: auto; font-size: .875rem; }
#log li { display: grid; grid-template-columns: 5rem 1fr; gap: .75rem; overflow-wrap: anywhere; }
#log time { color: var(--soft); font-variant-numeric: tabular-nums; }
code {
  font: .875em/1.5 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere;
  background: var(--bar); border-radius: .25rem; padding: .0625rem .3125rem;
}
@media (max-width: 30rem) {
  body { padding: 1.5rem 1rem; }
  h1 { flex-basis: 100%; }
  .pair { gap: .75rem; }
  .card { padding: .875rem 1rem; }
  .figure { font-size: 1.25rem; }
}
@media (prefers-reduced-motion: reduce) { .bar .fill { transition: none; } }
</style>
</head>
<body>
<main>
  <header>
    <h1>Fairlead demo</h1>
    <span id="status" role="status">connecting</span>
    <button id="reconnect" type="button">Reconnect</button>
  </header>
  <p class="lead">Fairlead took this page from one of three echo backends and carries the WebSockets it opens to them,
    each to the backend whose turn it is.</p>

  <div class="pair">
    <section class="card">
      <h2>Answered by</h2>
      <p id="backend" class="figure">–</p>
      <p id="backend-note" class="note"></p>
    </section>
    <section class="card">
      <h2>Round trip</h2>
      <p id="rtt" class="figure">–</p>
      <p id="rtt-note" class="note">one a second</p>
    </section>
  </div>

  <section class="card">
    <div class="row">
      <h2>Open tunnels of this page</h2>
      <button id="close-extra" type="button" disabled>Close extra</button>
      <button id="open-more" type="button">Open 10 more</button>
    </div>
    <div id="tunnels"><p class="note">none yet</p></div>
  </section>

  <section class="card">
    <h2><label for="message">Say something through the tunnel</label></h2>
    <form id="form">
      <input id="message" autocomplete="off" maxlength="2000" placeholder="hello">
      <button id="send" class="primary" disabled>Send</button>
    </form>
    <p id="echo" class="note" aria-live="polite"></p>
  </section>

  <section class="card">
    <h2>Log</h2>
    <ul id="log" tabindex="0" aria-label="Log"></ul>
  </section>

  <section class="next">
    <p>Next, in a terminal:</p>
    <p><code>curl -s 127.0.0.1:9180/metrics | grep fairlead_open_tunnels</code> counts the same tunnels.</p>
    <p><code>kill $(pidof fairlead)</code> drains it: no new tunnels, the open ones are closed, then it ends.</p>
  </section>
</main>
<script>
'use strict';
const byId = id => document.getElementById(id);
const target = new URL('ws', location.href);
target.protocol = target.protocol.replace('http', 'ws');
target.hash = target.search = '';

const kPingEvery = 1000;   // ms
const kMedianOf = 60;      // round trips
const kLogLines = 200;
const tunnels = new Map(); // WebSocket -> the backend that answered
const seen = new Set();    // every backend that ever did
let main = null;
let trips = [];

function log(text) {
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString('en-GB');
  const what = document.createElement('span');
  what.textContent = text;
  line.append(time, what);
  byId('log').prepend(line);
  if (byId('log').children.length > kLogLines) byId('log').lastChild.remove();
}

function setStatus(state, text) {
  byId('status').dataset.state = state;
  byId('status').textContent = text;
  byId('send').disabled = state !== 'connected';
}

function bar(name) {
  const element = document.createElement('div');
  element.className = 'bar';
  for (const part of ['name', 'track', 'count']) {
    element.append(Object.assign(document.createElement('span'), {className: part}));
  }
  element.children[1].append(Object.assign(document.createElement('div'), {className: 'fill'}));
  element.children[0].textContent = name;
  element.dataset.backend = name;
  return element;
}

function showTunnels() {
  const counts = new Map([...seen].sort().map(name => [name, 0]));
  for (const name of tunnels.values()) counts.set(name, counts.get(name) + 1);
  const bars = byId('tunnels');
  if (bars.querySelectorAll('.bar').length !== counts.size) bars.replaceChildren(...[...counts.keys()].map(bar));
  const full = Math.max(5, ...counts.values());
  for (const element of bars.children) {
    const name = element.dataset.backend;
    const count = counts.get(name);
    element.querySelector('.fill').style.width = 100 * count / full + '%';
    element.querySelector('.count').textContent = count;
    element.classList.toggle('first', tunnels.get(main) === name);
  }
  byId('close-extra').disabled = ![...tunnels.keys()].some(socket => socket !== main);
}

function showTrip(last) {
  trips = [...trips, last].slice(-kMedianOf);
  const sorted = [...trips].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  byId('rtt').textContent = last.toFixed(1) + ' ms';
  byId('rtt-note').textContent = 'median ' + median.toFixed(1) + ' ms';
}

// What comes back on the first tunnel: a time that was sent, or what a person typed.
function showEcho(data) {
  const message = JSON.parse(data);
  const took = performance.now() - message.sent;
  if (message.text === undefined) return showTrip(took);
  byId('echo').textContent = '“' + message.text + '” came back after ' + took.toFixed(1) + ' ms';
  log(tunnels.get(main) + ' echoed “' + message.text + '”');
}

function connect(opened, closed) {
  const socket = new WebSocket(target);
  socket.onmessage = event => {
    if (tunnels.has(socket)) return showEcho(event.data);
    const hello = JSON.parse(event.data);
    tunnels.set(socket, hello.backend);
    seen.add(hello.backend);
    opened(hello);
    showTunnels();
  };
  socket.onclose = event => {
    const backend = tunnels.get(socket);
    tunnels.delete(socket);
    closed(event, backend);
    showTunnels();
  };
  return socket;
}

function connectMain() {
  setStatus('connecting', 'connecting');
  trips = [];
  byId('rtt').textContent = byId('backend').textContent = '–';
  byId('rtt-note').textContent = 'one a second';
  byId('backend-note').textContent = byId('echo').textContent = '';
  const socket = main = connect(hello => {
    if (socket !== main) return;
    setStatus('connected', 'connected');
    byId('backend').textContent = hello.backend;
    byId('backend-note').textContent = hello.open + ' open when it answered';
    log('opened on ' + hello.backend);
    ping();
  }, (event, backend) => {
    if (backend) log('closed on ' + backend + ', code ' + event.code);
    else log('could not be opened');
    if (socket === main) setStatus('closed', backend ? 'closed, code ' + event.code : 'no connection');
  });
}

function ping() {
  if (tunnels.has(main)) main.send(JSON.stringify({sent: performance.now()}));
}

function openMore() {
  const names = [];
  let left = 10;
  const done = () => {
    if (--left > 0) return;
    const counts = {};
    for (const name of names.sort()) counts[name] = (counts[name] || 0) + 1;
    const list = Object.entries(counts).map(([name, count]) => count + ' on ' + name).join(', ');
    log('opened ' + names.length + ' of 10 more' + (list && ': ' + list));
  };
  for (let i = 0; i < 10; ++i) {
    connect(hello => { names.push(hello.backend); done(); }, (event, backend) => {
      if (!backend) return done();
      if (event.code !== 1000) log('an extra one closed on ' + backend + ', code ' + event.code);
    });
  }
}

byId('reconnect').onclick = () => {
  main.close(1000);
  connectMain();
};
byId('open-more').onclick = openMore;
byId('close-extra').onclick = () => {
  const extra = [...tunnels.keys()].filter(socket => socket !== main);
  for (const socket of extra) socket.close(1000);
  log('closing ' + extra.length + ' extra');
};
byId('form').onsubmit = event => {
  event.preventDefault();
  const text = byId('message').value.trim();
  if (!text || !tunnels.has(main)) return;
  main.send(JSON.stringify({sent: performance.now(), text}));
  byId('message').value = '';
};
setInterval(ping, kPingEvery);
connectMain();
</script>
</body>
</html>
)html";
}

}  // namespace fairlead::demo
