/** Whether a writing request comes from a page of this console (Fetch Metadata, then Origin), not from another site. */
export function isSameOrigin(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = request.headers.get("origin");
  // Scripts send neither; browsers always send one with a POST.
  return origin === null || (URL.canParse(origin) && new URL(origin).host === request.headers.get("host"));
}
