import { readdirSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = ["app", "components", "lib", "collector"];

/** Every TypeScript file of the product, generated ones left out. */
export function sourceFiles(folders: readonly string[] = FOLDERS): string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !file.includes("generated")),
  );
}
