import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@\//, replacement: here("./src/") },
      { find: "@mixdesk/client/react", replacement: here("./client/src/react/index.ts") },
      { find: "@mixdesk/client/server", replacement: here("./client/src/server.ts") },
      { find: "@mixdesk/client", replacement: here("./client/src/index.ts") },
    ],
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "client/**/*.test.{ts,tsx}", "scripts/**/*.test.{ts,mjs}"],
    // what touches the page says so in its first line: `// @vitest-environment jsdom`
    environment: "node",
  },
});
