// Serves the built site as a static host would, below a sub-path, and knows what every file weighs after gzip.
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const DIST = fileURLToPath(new URL('../../www/dist', import.meta.url));

/** The site must work from any sub-path: nothing in it may begin with a slash. */
const PREFIX = '/somewhere/below/';

const TYPES = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
});

/** @typedef {{body: Buffer, type: string, gzip: number}} File */

/** Every file by its URL path, read once: a warm server. @returns {Map<string, File>} */
function readSite() {
  const files = new Map();
  for (const entry of readdirSync(DIST, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const body = readFileSync(file);
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    const name = path.relative(DIST, file).split(path.sep).join('/');
    files.set(PREFIX + name, { body, type, gzip: gzipSync(body, { level: 9 }).length });
  }
  const index = files.get(`${PREFIX}index.html`);
  if (!index) throw new Error('www/dist/ holds no index.html: `cargo xtask build` writes it.');
  files.set(PREFIX, index);
  return files;
}

/**
 * Starts a server on a free port.
 * @returns {Promise<{url: string, fetched: Map<string, number>, close: () => void}>} The page's address, and gzip bytes of
 * each file that was asked for.
 */
export async function serveSite() {
  const files = readSite();
  /** @type {Map<string, number>} */
  const fetched = new Map();
  const server = http.createServer((request, response) => {
    const name = new URL(request.url ?? '/', 'http://localhost').pathname;
    const file = files.get(name);
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    fetched.set(name.slice(PREFIX.length) || 'index.html', file.gzip);
    response.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length }).end(file.body);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}${PREFIX}`,
    fetched,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
