// `npm run types`: the client's types from the desk's own description, which stands beside them.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const client = new URL("../client/", import.meta.url);
const description = JSON.parse(await readFile(new URL("openapi.json", client), "utf-8"));
const head = "// Made by `npm run types` from ../openapi.json. Not edited by hand.\n\n";
await writeFile(new URL("src/api.ts", client), head + astToString(await openapiTS(description)));
