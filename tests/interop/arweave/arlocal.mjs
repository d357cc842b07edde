// A real arlocal on a free port of this machine, and in front of it a strict gateway: arlocal takes chunks that prove
// nothing and transactions that nobody signed.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createServer as createSocket } from "node:net";
import { join } from "node:path";

import { checkChunk, checkTransaction } from "./strict.mjs";

const HERE = import.meta.dirname;

export function freePort() {
  return new Promise((resolve) => {
    const server = createSocket().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

export function listen(handle) {
  const server = createServer((request, response) => {
    handle(request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ url: `http://127.0.0.1:${server.address().port}`, server }));
  });
}

/** Starts arlocal with its state in `folder`. */
export async function startArlocal(folder) {
  const port = await freePort();
  const args = ["--require", join(HERE, "loopback.cjs"), join(HERE, "node_modules/arlocal/bin/index.js"), String(port), "--hidelogs", "--dbpath", "arlocal"];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "ignore", "ignore"] });
  process.once("exit", () => child.kill());
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; ++tries) {
    const up = await fetch(`${url}/info`).then((answer) => answer.ok, () => false);
    if (up) break;
    if (tries > 200) throw new Error("arlocal did not start");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { url, stop: () => child.kill("SIGKILL") };
}

/** The strict gateway. `seen` lists what was posted; with `ranges`, parts of data can be asked for. */
export async function strictGateway(upstream) {
  const seen = { transactions: [], chunks: [], refused: [], questions: 0, parts: 0, wholes: 0 };
  const options = { ranges: false };
  const { url, server } = await listen(async (request, response) => {
    const sent = await body(request);
    const path = new URL(request.url, upstream).pathname;
    if (request.method === "POST" && (path === "/tx" || path === "/chunk")) {
      const json = JSON.parse(sent);
      const why = path === "/tx" ? await checkTransaction(json) : await checkChunk(json, seen.transactions);
      if (why) {
        seen.refused.push(why);
        response.writeHead(400).end(why);
        return;
      }
      (path === "/tx" ? seen.transactions : seen.chunks).push(json);
    }
    seen.questions += path === "/graphql" ? 1 : 0;
    const init = { method: request.method, headers: { "content-type": request.headers["content-type"] ?? "application/json" } };
    if (sent.length > 0) init.body = sent;
    const answer = await fetch(upstream + request.url, init);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (range && answer.status === 200) {
      if (options.ranges) {
        const [from, to] = [Number(range[1]), Number(range[2])];
        seen.parts += 1;
        response.writeHead(206, { "content-range": `bytes ${from}-${to}/${bytes.length}` }).end(bytes.subarray(from, to + 1));
        return;
      }
      seen.wholes += 1;
    }
    response.writeHead(answer.status).end(bytes);
  });
  return { url, seen, options, stop: () => server.close() };
}
