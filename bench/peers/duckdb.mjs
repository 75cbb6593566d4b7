/** DuckDB over the file: sums by endpoint, minute and outcome with three quantiles. `node duckdb.mjs MODULE FILE` */
const { DuckDBInstance } = await import(process.argv[2]);

const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
const connection = await instance.connect();
const file = process.argv[3].replaceAll("'", "''");
// Every column is used afterwards: an optimiser drops what nobody reads.
const answer =
  await connection.runAndReadAll(`WITH s AS (SELECT endpoint, ts // 60000 AS minute, outcome, count(*) AS n,
    approx_quantile(handshakeUs, 0.5) AS p50, approx_quantile(handshakeUs, 0.95) AS p95, approx_quantile(handshakeUs, 0.99) AS p99
  FROM read_ndjson('${file}', columns = {ts: 'BIGINT', endpoint: 'VARCHAR', outcome: 'VARCHAR', handshakeUs: 'BIGINT'})
  GROUP BY ALL)
  SELECT sum(n)::BIGINT, sum(n) FILTER (outcome = 'resumed')::BIGINT, count(*), sum(p50 + p95 + p99) FROM s`);
const [events, resumed, cells] = answer.getRows()[0].map(String);
process.stdout.write(`${events} ${resumed} ${cells}\n`);
