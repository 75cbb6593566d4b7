/** `npm run bench`: the benchmarks, under the product's own Node. */
import { fileURLToPath } from "node:url";
import { checkNode, generate, goOnUnderOwnNode, install, ROOT } from "./steps.mjs";

checkNode();
process.chdir(ROOT);
await install();
await goOnUnderOwnNode(fileURLToPath(import.meta.url));
await generate();
await import("../bench/main.ts");
