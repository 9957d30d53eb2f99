// DuckDB and Polars from npm.
//
//   node peer_node.cjs duckdb|polars|polars-text load FILE THREADS             polars-text: instants stay text
//   node peer_node.cjs duckdb|polars|polars-text write FILE THREADS TARGET     loads FILE, which is not timed, and writes TARGET
//
// The types are those of FILE.schema.  NODE_PEERS is where npm installed them.

const fs = require("fs");
const [peer, action, source, threads, target] = process.argv.slice(2);
const fields = fs.readFileSync(source + ".schema", "utf8").trim().split(",").map((field) => field.split(":"));

function peerModule(name) {
  return require(require.resolve(name, { paths: [process.env.NODE_PEERS || "."] }));
}

function report(started, records) {
  const seconds = (performance.now() - started) / 1e3;
  const bytes = target ? { bytes: fs.statSync(target).size } : {};
  console.log(JSON.stringify({ seconds, records: Number(records), ...bytes }));
}

async function duckdb() {
  const types = { i8: "TINYINT", i32: "INTEGER", i64: "BIGINT", u64: "UBIGINT", f64: "DOUBLE", "timestamp[s]": "TIMESTAMP" };
  const columns = fields.map(([name, type]) => `'${name}': '${types[type] || "VARCHAR"}'`).join(", ");
  const instance = await peerModule("@duckdb/node-api").DuckDBInstance.create(":memory:", { threads });
  const connection = await instance.connect();
  let started = performance.now();
  await connection.run(`CREATE TABLE t AS FROM read_csv('${source}', auto_detect = false, header = true, delim = ',',
    quote = '"', escape = '"', columns = {${columns}})`);
  const seconds = performance.now() - started;
  const records = (await (await connection.run("SELECT count(*) FROM t")).getRows())[0][0];
  started = performance.now() - seconds;
  if (action === "write") {
    started = performance.now();
    await connection.run(`COPY t TO '${target}' (FORMAT csv, HEADER true)`);
  }
  report(started, records);
}

function polars() {
  process.env.POLARS_MAX_THREADS = threads;
  const pl = peerModule("nodejs-polars");
  const types = { i8: pl.Int8, i32: pl.Int32, i64: pl.Int64, u64: pl.UInt64, f64: pl.Float64 };
  if (peer === "polars") types["timestamp[s]"] = pl.Datetime("us");
  const schema = Object.fromEntries(fields.map(([name, type]) => [name, types[type] || pl.Utf8]));
  let started = performance.now();
  const table = pl.readCSV(source, { schema });
  if (action === "write") {
    started = performance.now();
    table.writeCSV(target);
  }
  report(started, table.height);
}

// Without the time it takes to give everything back.
Promise.resolve(peer === "duckdb" ? duckdb() : polars()).then(() => process.exit(0), (error) => {
  console.error(String(error));
  process.exit(1);
});
