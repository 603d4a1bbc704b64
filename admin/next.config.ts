import type { NextConfig } from "next";

// In development the pages have a server of their own, which hands the API on to a running desk.
const developing = process.env.NODE_ENV === "development";
const desk = process.env.MIXDESK_DESK ?? "http://127.0.0.1:9770";
const ROOMS = ["jobs", "admin", "auth", "runbooks", "healthz", "readyz", "openapi.json"];

const config: NextConfig = {
  basePath: "/ui",
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  // `npm run lint` checks the types; a build on the machine of somebody who only wants the page need not
  typescript: { ignoreBuildErrors: true },
  transpilePackages: ["@mixdesk/client"],
  ...(developing
    ? {
        skipTrailingSlashRedirect: true,
        rewrites: async () =>
          ROOMS.flatMap((room) => [
            { source: `/${room}`, destination: `${desk}/${room}`, basePath: false as const },
            { source: `/${room}/:path*`, destination: `${desk}/${room}/:path*`, basePath: false as const },
          ]),
      }
    : { output: "export" as const }),
};

export default config;
