export interface PageParts {
  readonly title: string;
  /** Addresses that the webview may load from. */
  readonly script: string;
  readonly style: string;
  readonly cspSource: string;
  /** Good for one page. */
  readonly nonce: string;
}

/** The page that figures are drawn into: nothing is allowed in it but our own script and style sheet. */
export function reportHtml({ title, script, style, cspSource, nonce }: PageParts): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${cspSource}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${style}">
<title>${title}</title>
</head>
<body>
<main id="report"></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}
