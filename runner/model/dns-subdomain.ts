const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = new RegExp(String.raw`^(?=.{1,253}$)${LABEL}(?:\.${LABEL})*$`);

/** Whether a text is a DNS subdomain (IsDNS1123Subdomain of k8s.io/apimachinery/pkg/util/validation). */
export function isDnsSubdomain(text: string): boolean {
  return SUBDOMAIN.test(text);
}
