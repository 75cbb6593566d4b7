/** Run by Next once when the console starts, before it answers anything. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { notePeers } = await import("./app/_server/peers.ts");
    const { trustedProxies } = await import("./app/_server/address.ts");
    // A setting that makes no sense is told now, and not to who asks first.
    trustedProxies();
    notePeers();
  }
}
