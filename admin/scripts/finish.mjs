// After `next build`: what the desk needs beside the files. `pages.json` lists the inline scripts of each page by their
// hashes, which its Content-Security-Policy allows and nothing else; what shrinks lies gzipped beside itself;
// `files.json`, written last, says which files a whole build has, and of which version it is.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const out = fileURLToPath(new URL("../out", import.meta.url));
const VERSION_FILE = new URL("../../instrumentation/mixdesk/version.py", import.meta.url);
const INLINE = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;
const TEXT = /\.(html|js|css|txt|json|svg|map|webmanifest)$/;
const WORTH_IT = 0.9;

async function listed() {
  const found = await readdir(out, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  return files.map((entry) => relative(out, join(entry.parentPath ?? entry.path, entry.name))).sort();
}

const get = (name) => readFile(join(out, name));
const put = (name, content) => writeFile(join(out, name), content);
const built = (await listed()).filter((name) => !/\.gz$|^(pages|files)\.json$/.test(name));
const pages = {};
for (const name of built) {
  const body = await get(name);
  if (name.endsWith(".html")) {
    pages[name] = [...body.toString("utf-8").matchAll(INLINE)].map(
      ([, text]) => `sha256-${createHash("sha256").update(text).digest("base64")}`,
    );
  }
  const zipped = TEXT.test(name) ? gzipSync(body, { level: 9 }) : body;
  if (zipped.length < body.length * WORTH_IT) await put(`${name}.gz`, zipped);
}
await put("pages.json", `${JSON.stringify(pages, null, 1)}\n`);

const files = {};
for (const name of (await listed()).filter((name) => name !== "files.json")) {
  files[name] = (await get(name)).length;
}
const version = /__version__ = "([^"]+)"/.exec(await readFile(VERSION_FILE, "utf-8"))?.[1];
if (version === undefined) throw new Error("instrumentation/mixdesk/version.py says no version");
await put("files.json", `${JSON.stringify({ version, files }, null, 1)}\n`);
