import Link from "next/link";
import { EmptyState } from "../../ui/states.tsx";

/** Where key names can come from, when none came yet. */
export function KeysEmpty() {
  return (
    <EmptyState title="Nothing has told of ticket keys yet.">
      <p className="mb-2">
        A key is known by the public name that stands in front of every ticket. Proxies do not log it; these
        do tell it:
      </p>
      <ul className="max-w-3xl list-disc space-y-1 pl-4">
        <li>
          <b className="font-medium text-ink">The wire tap</b> reads names of offered and, for TLS 1.2, issued
          tickets beside any proxy: <code>tcpdump -w - "port 443" | npx reprise tap</code>.
        </li>
        <li>
          <b className="font-medium text-ink">The prober</b> makes handshakes of its own and reads the names
          in its tickets: add its targets, and agreement between nodes comes with it.
        </li>
        <li>
          <b className="font-medium text-ink">The native field</b> <code>keyName</code> of{" "}
          <code>POST /v1/handshakes</code>, from a terminator of your own.
        </li>
        <li>
          <b className="font-medium text-ink">The rotation job</b>, which knows best:{" "}
          <code>POST /v1/keys</code> with <code>staged</code>, <code>promoted</code>, <code>retired</code>.
          For nginx, HAProxy, Apache and others with key files, the name is the first 16 bytes of the file;
          never send the rest.
        </li>
      </ul>
      <p className="mt-2">
        <Link href="/sources" className="text-accent hover:underline">
          Sources
        </Link>{" "}
        shows what each can tell. Without key names, the{" "}
        <Link href="/keys/lab" className="text-accent hover:underline">
          policy lab
        </Link>{" "}
        still works where ticket ages are known.
      </p>
    </EmptyState>
  );
}
