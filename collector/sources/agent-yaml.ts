/** The agent's configuration for files of one source, as "Connect a source" shows it after the proxy's own. */
export function agentYaml(source: string, paths: readonly string[]): string {
  const files = paths.map((path) => `  - source: ${source}\n    path: ${path}`);
  return `# agent.yaml, then: npx reprise agent --config agent.yaml
collector: {{collector}}
token: {{token}}
node: edge-1
region: eu
files:
${files.join("\n")}`;
}
