/** What Linux says of a process. */
import { readFileSync, writeFileSync } from "node:fs";

const TICKS_A_SECOND = 100;
/** A process that used no more than this in half a second is idle. */
const IDLE_CPU_S = 0.01;

/** CPU seconds (user and system) that a process has used so far, or its ended children and theirs; from /proc. */
export function cpuSecondsOf(pid: number | "self", which: "own" | "children" = "own"): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const at = which === "own" ? 11 : 13;
  return (Number(fields[at]) + Number(fields[at + 1])) / TICKS_A_SECOND;
}

/** Resident memory of a process in MB (of 1,024 KB), now or at its peak. */
export function memoryMb(pid: number, when: "now" | "peak"): number {
  const field = when === "now" ? "VmRSS" : "VmHWM";
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1_024;
}

/** Lets the peak be counted from now on (Linux proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Waits until a start is over: V8 goes on compiling in the background for a while, which is no cost of an event. */
export async function settled(pid: number): Promise<void> {
  for (let last = cpuSecondsOf(pid), next = last; ; last = next) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    next = cpuSecondsOf(pid);
    if (next - last <= IDLE_CPU_S) return;
  }
}
