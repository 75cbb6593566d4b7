/** Raw rows in SQLite, 5,000 a transaction, then a question: what a small tool does. `node raw-rows.mjs FILE DATABASE SYNCHRONOUS` */
import { readFileSync } from "node:fs";
import Database from "better-sqlite3";

const db = new Database(process.argv[3]);
db.pragma("journal_mode = WAL");
db.pragma("synchronous = FULL");
db.exec(
  "CREATE TABLE e (ts INTEGER, endpoint TEXT, node TEXT, region TEXT, family TEXT, protocol TEXT, outcome TEXT, us INTEGER)",
);
const insert = db.prepare("INSERT INTO e VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
const lines = readFileSync(process.argv[2], "utf8").split("\n").filter(Boolean);
for (let at = 0; at < lines.length; at += 5_000)
  db.transaction(() => {
    for (const line of lines.slice(at, at + 5_000)) {
      const e = JSON.parse(line);
      insert.run(e.ts, e.endpoint, e.node, e.region, e.family, e.protocol, e.outcome, e.handshakeUs);
    }
  })();
const { events, resumed } = db
  .prepare("SELECT count(*) AS events, sum(outcome = 'resumed') AS resumed FROM e")
  .get();
process.stdout.write(`${events} ${resumed}\n`);
