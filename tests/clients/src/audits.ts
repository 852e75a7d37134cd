// GraphQL over HTTP by the letter: the audits of graphql-http against a running gateway. Whatever it MUST and
// SHOULD do passes, or this fails; what it MAY do is told.
// usage: node out/src/audits.js <port>
import { auditServer, type AuditFail } from "graphql-http";

const url = `http://127.0.0.1:${process.argv[2] ?? "8080"}/graphql`;
const results = await auditServer({ url });
const failed = results.filter((result): result is AuditFail => result.status !== "ok");
for (const { id, name, status, reason, response } of failed) {
  console.log(`${status}: ${id} ${name}: ${reason} (${response.status})`);
}
const needed = failed.filter(({ status }) => status !== "notice");
console.log(`graphql-http: ${results.length - failed.length} of ${results.length} audits pass`);
// None at all would prove nothing.
process.exit(needed.length > 0 || results.length < 50 ? 1 : 0);
