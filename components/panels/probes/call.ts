import { ApiError } from "@/lib/client/transport.ts";

/** Writes to the probes API; answers the target's id. Throws ApiError with the server's sentence and the field it is about. */
export async function callProbes(path: string, method: string, body?: object): Promise<string> {
  const response = await fetch(path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  const answer = (await response.json().catch(() => ({}))) as { id?: string; error?: string; field?: string };
  if (response.ok && answer.id !== undefined) return answer.id;
  const { error = `The console answered ${response.status}.`, field } = answer;
  throw new ApiError(response.status, field ? `${field}: ${error}` : error);
}
