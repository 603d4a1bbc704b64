// After `next build`: what the desk needs beside the files. `pages.json` lists the inline scripts of each page by their
// hashes, which its Content-Security-Policy allows and nothing else.
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";

const out = new URL("../out/", import.meta.url);
const INLINE = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g;

const files = await readdir(out, { recursive: true });
const pages = {};
for (const file of files.filter((name) => name.endsWith(".html")).sort()) {
  const html = await readFile(new URL(file, out), "utf-8");
  pages[file] = [...html.matchAll(INLINE)].map(
    ([, text]) => `sha256-${createHash("sha256").update(text).digest("base64")}`,
  );
}
await writeFile(new URL("pages.json", out), `${JSON.stringify(pages, null, 1)}\n`);
