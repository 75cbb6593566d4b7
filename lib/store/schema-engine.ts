/**
 * Prisma's schema engine as WebAssembly. The native binary would have to be downloaded; this one comes with npm and is
 * built from the same commit (the package version equals @prisma/engines-version's).
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";

export type SchemaEngine = Awaited<ReturnType<typeof glue.SchemaEngine.new>>;

type WasmExports = { __wbindgen_start: () => void };

let loaded: Promise<void> | null = null;

// The package's own entry imports the .wasm file as a module, which Node does only behind a flag.
async function load(): Promise<void> {
  const path = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const bytes = readFileSync(path.replace(/\.js$/, ".wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, {
    "./schema_engine_bg.js": glue as unknown as WebAssembly.ModuleImports,
  });
  (glue as unknown as { __wbg_set_wasm: (exports: unknown) => void }).__wbg_set_wasm(instance.exports);
  (instance.exports as unknown as WasmExports).__wbindgen_start();
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message: (message: string) => {
        process.stderr.write(`schema engine: ${message}\n`);
      },
    },
  });
}

/** A schema engine over a driver adapter. `datamodels` are (path, content) pairs. */
export async function openSchemaEngine(
  adapter: SqlMigrationAwareDriverAdapterFactory,
  datamodels: [string, string][],
): Promise<SchemaEngine> {
  loaded ??= load();
  await loaded;
  return glue.SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(adapter));
}
