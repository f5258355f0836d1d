/** The password in each of these URLs, as it stands there and as it is; what is no URL has none. */
export function urlPasswords(urls: readonly (string | undefined)[]): string[] {
  const passwords = urls.map((url) => URL.parse(url ?? '')?.password ?? '').filter((password) => password !== '');
  return [...new Set(passwords.flatMap((password) => [password, decoded(password)]))];
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch (error) {
    // A percent sign that escapes nothing stands for itself.
    if (error instanceof URIError) return password;
    throw error;
  }
}
