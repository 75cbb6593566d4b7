import { News } from "@/app/_server/news.ts";
import { stores } from "@/app/_server/stores.ts";

export const dynamic = "force-dynamic";

const HEARTBEAT_MS = 15_000;
const holder = globalThis as typeof globalThis & { repriseNews?: News };

/** Server-sent events: `commit` whenever the store has something new. */
export function GET(request: Request): Response {
  holder.repriseNews ??= new News(stores().reader);
  const news = holder.repriseNews;
  const encoder = new TextEncoder();
  let stop = (): void => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string): void => controller.enqueue(encoder.encode(text));
      send("retry: 2000\n: connected\n\n");
      const heartbeat = setInterval(() => send(": alive\n\n"), HEARTBEAT_MS);
      const unlisten = news.listen((revision) =>
        send(`event: commit\ndata: ${JSON.stringify({ revision, nowMs: Date.now() })}\n\n`),
      );
      stop = () => {
        stop = () => {};
        clearInterval(heartbeat);
        unlisten();
        controller.close();
      };
      request.signal.addEventListener("abort", () => stop());
    },
    cancel: () => stop(),
  });
  return new Response(stream, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" },
  });
}
