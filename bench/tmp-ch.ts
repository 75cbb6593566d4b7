import { startClickhouse } from "../tests/support/clickhouse.ts";
const s = await startClickhouse();
console.log(s.url("bench"));
process.on("SIGTERM", () => void s.destroy().then(() => process.exit(0)));
setInterval(() => {}, 1000);
