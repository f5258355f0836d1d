// k6 run script.js, at the end of which the summary is pushed to PUSHGATEWAY_URL as Prometheus text.
import http from 'k6/http';

export default function () {
  http.get(`http://checkout/cart?size=${__ENV.CART}`);
}

export function handleSummary({ metrics }) {
  http.post(__ENV.PUSHGATEWAY_URL, `p95_milliseconds ${metrics.http_req_duration.values['p(95)']}\n`);
  return {};
}
