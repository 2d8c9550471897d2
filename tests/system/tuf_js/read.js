// Reads a repository with tuf-js: node read.js MODULES PUBLISHED STORE ROOT TARGET…
// PUBLISHED is served on loopback by a web server that knows nothing of it. ROOT is what a STORE begins with that has no
// root yet. Prints "role NAME VERSION" for each role of the store, "target PATH SHA256", "asked PATH" for each request;
// or "refused: WHY", and ends with 1.
'use strict';
const fs = require('fs');
const http = require('http');
const path = require('path');
const crypto = require('crypto');

const [modules, published, store, root, ...targets] = process.argv.slice(2);
const { Updater } = require(path.join(modules, 'node_modules', 'tuf-js'));

const asked = [];
const server = http.createServer((request, response) => {
  asked.push(request.url);
  const file = path.join(published, decodeURIComponent(request.url));
  if (!fs.existsSync(file)) {
    response.writeHead(404);
    return response.end();
  }
  response.writeHead(200, { 'Content-Length': fs.statSync(file).size });
  fs.createReadStream(file).pipe(response);
});

async function read(base) {
  const metadataDir = path.join(store, 'metadata');
  const targetDir = path.join(store, 'targets');
  fs.mkdirSync(metadataDir, { recursive: true });
  fs.mkdirSync(targetDir, { recursive: true });
  if (!fs.existsSync(path.join(metadataDir, 'root.json'))) fs.copyFileSync(root, path.join(metadataDir, 'root.json'));
  const updater = new Updater({
    metadataDir,
    metadataBaseUrl: base + '/metadata',
    targetDir,
    targetBaseUrl: base + '/targets',
    config: { fetchRetry: 0 },
  });
  await updater.refresh();
  for (const target of targets) {
    const info = await updater.getTargetInfo(target);
    if (!info) throw new Error('no role lists ' + target);
    const file = await updater.downloadTarget(info);
    console.log('target', target, crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex'));
  }
  for (const file of fs.readdirSync(metadataDir).sort())
    console.log('role', path.basename(file, '.json'), JSON.parse(fs.readFileSync(path.join(metadataDir, file))).signed.version);
}

server.listen(0, '127.0.0.1', () => {
  read('http://127.0.0.1:' + server.address().port).then(
    () => 0,
    (error) => {
      console.log('refused: ' + error.constructor.name + ': ' + error.message);
      return 1;
    }
  ).then((code) => {
    for (const request of asked) console.log('asked', request);
    process.exit(code);
  });
});
