/** Lodges a declaration, follows the feed to its channel and reports a result, with the generated types alone. */

import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths as Intake } from "./generated/declaration-intake.js";
import type { paths as Tracking } from "./generated/controls-tracking.js";

type Declared = components["schemas"]["Declaration"];

const OFFICE = "118";
const baseUrl = process.env.AFORO_URL ?? "";
const headers = { authorization: `Bearer ${process.env.AFORO_TOKEN}` };
const intake = createClient<Intake>({ baseUrl, headers });
const tracking = createClient<Tracking>({ baseUrl, headers });

/** The body of an answer; anything else is a problem, and says which. */
function answered<T>(answer: { data?: T; error?: { code: string }; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.response.status}: ${JSON.stringify(answer.error)}`);
  }
  return answer.data;
}

function holds(fact: boolean, text: string): asserts fact {
  if (!fact) throw new Error(text);
}

async function main(): Promise<void> {
  const now = new Date().toISOString();
  const declaration: Declared = {
    reference: `typescript-${randomUUID()}`,
    declarant: { role: "declarant", id: "20200000001" },
    office: OFFICE,
    acceptanceDateTime: now,
    direction: "in",
    regime: "10",
    modality: "deferred",
    form: "full",
    parties: [{ role: "importer", id: "20100000009", name: "Importadora del Sur S.A.C." }],
    transportDocuments: [{ id: "MAEU604338211" }],
    items: [
      {
        sequence: 1,
        commodityCode: "8467210000",
        description: "Taladros",
        originCountry: "US",
        netMassKg: "100",
        valuation: { fob: { amount: "1250.00", currency: "USD" } },
      },
    ],
  };
  const receipt = answered(await intake.POST("/v1/declarations", { body: declaration }));
  holds(receipt.status === "accepted", JSON.stringify(receipt));
  const again = answered(await intake.POST("/v1/declarations", { body: declaration }));
  holds(again.status === "known" && again.id === receipt.id, JSON.stringify(again));

  let channel: string | undefined;
  for (let after = 0; channel === undefined; ) {
    const page = answered(await intake.GET("/v1/channels", { params: { query: { after, waitMs: 4_000 } } }));
    holds(page.items.length > 0, "the feed told nothing of the declaration");
    after = page.next;
    channel = page.items.find((entry) => entry.declaration === receipt.id)?.channel;
  }
  console.log(`typescript: ${receipt.id} is told ${channel}`);

  const control = answered(
    await tracking.POST("/v1/controls", {
      body: {
        office: OFFICE,
        subject: { type: "declaration", id: receipt.id },
        method: "physical",
        reason: "seals do not match",
        reference: `typescript-${receipt.id}`,
        declaration: receipt.id,
      },
    }),
  );
  const worklist = answered(
    await tracking.GET("/v1/worklists/{office}", { params: { path: { office: OFFICE }, query: { limit: 1_000 } } }),
  );
  holds(worklist.items.some((item) => item.id === control.id), "the worklist does not hold the control");
  const reported = answered(
    await tracking.POST("/v1/controls/{id}/results", {
      params: { path: { id: control.id } },
      body: { version: 1, stage: "final", examinedAt: now, establishedAt: now, items: [{ sequence: 1, outcome: "conform" }] },
    }),
  );
  holds(reported.control === control.id, JSON.stringify(reported));

  const stranger = createClient<Intake>({ baseUrl, headers: { authorization: "Bearer nobody" } });
  const refused = await stranger.GET("/v1/channels");
  holds(refused.error?.code === "token-invalid", JSON.stringify(refused.error));
  console.log("typescript: lodged, followed, reported");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
