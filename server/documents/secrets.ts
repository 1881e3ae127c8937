/** Names that programs give to files with keys and passwords. Source code that handles such things is not meant. */
const names = [
  /^\.env(?:\..+|rc)?$/,
  /\.env$/,
  /\.(?:pem|key|p12|pfx|p8|jks|keystore|ppk|kdbx?|gpg|asc|age|tfvars|tfstate|ovpn)$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)/,
  /^[._](?:npmrc|yarnrc|pypirc|netrc|pgpass|my\.cnf|htpasswd|git-credentials|dockercfg|dockerconfigjson)$/,
  /^(?:.*[._-])?(?:secrets?|credentials?|passwords?)(?:\.(?:json|ya?ml|toml|ini|txt|properties|xml|csv|conf))?$/,
];
const folders = new Set(['.ssh', '.aws', '.gnupg', '.kube', '.docker', '.azure']);

/** Whether a document is likely to hold keys or passwords, by its name: such text is never offered in another file. */
export function isSecret(uri: string): boolean {
  const parts = pathOf(uri).toLowerCase().split(/[/\\]/);
  const name = parts.pop() ?? '';
  return names.some((pattern) => pattern.test(name)) || parts.some((part) => folders.has(part));
}

function pathOf(uri: string): string {
  const path = uri.replace(/[?#].*$/, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
