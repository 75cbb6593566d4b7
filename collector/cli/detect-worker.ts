/** One scenario of `reprise detect` in a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { detectScenario } from "./detect-scenario.ts";

parentPort?.postMessage(detectScenario(String(workerData)));
