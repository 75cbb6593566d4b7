/** Names that somebody sends in the hope that they run somewhere. `window.ran` tells whether one did. */

const RUN = "window.ran=1";

const TAGS = [
  `<script>${RUN}</script>`,
  `<img src=x onerror=${RUN}>`,
  `<svg onload=${RUN}>`,
  `<svg><script>${RUN}</script></svg>`,
  `<iframe srcdoc="<script>parent.${RUN}</script>">`,
  `<body onload=${RUN}>`,
  `<details open ontoggle=${RUN}>`,
  `<video><source onerror=${RUN}>`,
  `<math><mtext><style><img src=x onerror=${RUN}></style></mtext></math>`,
  `<a href="javascript:${RUN}">x</a>`,
  `<form action="javascript:${RUN}"><button>x`,
  `<object data="javascript:${RUN}">`,
  `<embed src="javascript:${RUN}">`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<base href="https://evil.example/">`,
  `<link rel=stylesheet href="https://evil.example/x.css">`,
  `<style>@import "https://evil.example/x.css"</style>`,
  `<input autofocus onfocus=${RUN}>`,
  `<marquee onstart=${RUN}>`,
  `<x onpointerenter=${RUN} style="position:fixed;inset:0">x`,
];
const BREAKS = ["", `"`, `'`, `">`, `'>`, "</title>", "</script>", "</style>", "-->", "]]>"];
const OTHER = [
  `javascript:${RUN}`,
  `data:text/html,<script>${RUN}</script>`,
  `\${${RUN}}`,
  `{{constructor.constructor('${RUN}')()}}`,
  `'-${RUN}-'`,
  `";${RUN};//`,
  `\\u003cscript\\u003e${RUN}\\u003c/script\\u003e`,
  `%3Cscript%3E${RUN}%3C/script%3E`,
  `＜script＞${RUN}＜/script＞`,
  `[x](javascript:${RUN})`,
  `![x](https://evil.example/x.png)`,
  "__proto__",
  "constructor",
  "toString",
];

/** About two hundred of them, each once. */
export const SCRIPTS: readonly string[] = [
  ...TAGS.flatMap((tag) => BREAKS.map((brk) => `${brk}${tag}`)),
  ...OTHER,
];

/** Texts that end a SQL text, a number or a comment. */
const SQL_PARTS = [
  "'",
  '"',
  "`",
  "')",
  "'))",
  '";',
  "1",
  "1)",
  "\\'",
  "%27",
  "''",
  "' --",
  "/*",
  "*/",
  ";",
  "null",
];
const SQL_ENDS = [
  ...[" OR 1=1", " OR 1=1--", " OR '1'='1", " UNION SELECT 1,2,3--", " UNION SELECT sqlite_version()--"],
  ...['; DROP TABLE "Rollup"--', " AND 1=randomblob(100000000)", " ORDER BY 99--", " LIMIT 1 OFFSET 1--"],
  ...[" AND (SELECT count(*) FROM sqlite_master)>0--", " HAVING 1=1", ' || (SELECT name FROM "Tenant")'],
  ...[" COLLATE nocase", " GLOB '*'", " IS NOT NULL", " BETWEEN 0 AND 9", " LIKE '%'", "\u0000 OR 1=1"],
  ...[
    " AND load_extension('x')",
    " AND zeroblob(1000000000)",
    " ESCAPE '",
    " CAST(1 AS TEXT)",
    " ATTACH 'x' AS y",
  ],
  ...[
    " PRAGMA writable_schema=1",
    " VACUUM INTO 'x'",
    "",
    " IN (SELECT 1)",
    " EXISTS(SELECT 1)",
    " RETURNING 1",
  ],
  ...[" WINDOW w AS ()", " NATURAL JOIN x", ' CROSS JOIN "Member"'],
];

/** About five hundred injections. */
export const INJECTIONS: readonly string[] = SQL_PARTS.flatMap((part) =>
  SQL_ENDS.map((end) => `${part}${end}`),
);
