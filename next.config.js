/** What every answer says of itself. Pages have a Content-Security-Policy of their own (proxy.ts). */
const HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};
/** Of data: whatever a browser takes it for, it loads and runs nothing. */
const OF_DATA = { "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox" };

const listOf = (headers) => Object.entries(headers).map(([key, value]) => ({ key, value }));

/** @type {import('next').NextConfig} */
export default {
  serverExternalPackages: ["better-sqlite3", "@prisma/client", "@prisma/adapter-better-sqlite3"],
  poweredByHeader: false,
  reactStrictMode: true,
  // No picture is fetched, resized or converted by the server.
  images: { unoptimized: true },
  headers: async () => [
    { source: "/:path*", headers: listOf(HEADERS) },
    { source: "/api/:path*", headers: listOf(OF_DATA) },
  ],
};
