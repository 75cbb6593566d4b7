import { guarded } from "@/app/_server/guard.ts";
import { News } from "@/app/_server/news.ts";
import { visitorOf } from "@/app/_server/visitor.ts";

export const dynamic = "force-dynamic";

const HEARTBEAT_MS = 15_000;
const holder = globalThis as typeof globalThis & { repriseNews?: News };

/** Server-sent events: `commit` whenever the store has something new, as long as the visitor is one. */
export const GET = guarded("viewer", async ({ request, reader }) => {
  holder.repriseNews ??= new News(reader);
  const encoder = new TextEncoder();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  // A page that went away makes writes fail; the abort below is what ends the stream.
  const send = (text: string): void => void writer.write(encoder.encode(text)).catch(() => undefined);
  const unlisten = await holder.repriseNews.listen((revision) =>
    send(`event: commit\ndata: ${JSON.stringify({ revision, nowMs: Date.now() })}\n\n`),
  );
  const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS);
  const stop = (): void => {
    clearInterval(heartbeat);
    unlisten();
    void writer.close().catch(() => undefined);
  };
  const beat = async (): Promise<void> => {
    // A session that ended ends its streams. A store that cannot be read now says nothing about that.
    const known = await visitorOf(request.headers).then(
      (visitor) => visitor !== null,
      () => true,
    );
    if (known) send(": alive\n\n");
    else stop();
  };
  if (request.signal.aborted) stop();
  else request.signal.addEventListener("abort", stop);
  send("retry: 2000\n: connected\n\n");
  return new Response(readable, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" },
  });
});
