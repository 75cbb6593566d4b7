import type { ProxyConfiguration } from "../source.ts";

export type OwnFormatExample = {
  /** A format as it stands in the proxy's configuration. */
  readonly format: string;
  readonly formatFile: string;
  readonly logFile: string;
};

/** What to set where a proxy goes on logging in the format that its operator has. */
export function ownFormat(source: string, example: OwnFormatExample): ProxyConfiguration[] {
  const indented = example.format.replace(/^/gm, "      ");
  return [
    {
      title: "In a log format of your own, over syslog",
      transport: "syslog",
      language: "yaml",
      text: `# in the file that REPRISE_CONFIG names: the format as it stands in your configuration
formats:
  - source: ${source}
    format: |
${indented}`,
    },
    {
      title: "In a log format of your own, a file's lines",
      transport: "http",
      language: "bash",
      text: `# ${example.formatFile} holds the format as it stands in your configuration
curl -s '{{collector}}/v1/lines/${source}?node=edge-1&region=eu' --url-query format@${example.formatFile} \\
  -H 'Authorization: Bearer {{token}}' \\
  --data-binary @${example.logFile}`,
    },
  ];
}
