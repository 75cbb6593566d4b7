import Link from "next/link";

/** What an empty store says: how to fill it. */
export function FirstSteps() {
  return (
    <section className="mx-4 mt-4 max-w-2xl sm:mx-0">
      <h2 className="text-[1.15rem] font-semibold">Connect nginx in a minute</h2>
      <ol className="mt-2 list-decimal space-y-1 pl-5 text-ink-2">
        <li>
          Copy the <code>log_format</code> and the two <code>syslog:</code> lines from{" "}
          <Link href="/sources" className="text-accent underline">
            Sources
          </Link>{" "}
          into the <code>http</code> block.
        </li>
        <li>Reload nginx. Its handshakes appear here within seconds.</li>
        <li>
          No proxy at hand? <code>npm run demo</code> runs a lab fleet with real handshakes.
        </li>
      </ol>
    </section>
  );
}
