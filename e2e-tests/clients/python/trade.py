"""Lodges a declaration, follows the feed to its channel and reports a result, with the generated client alone."""

import datetime
import os
import sys
import uuid

import intake.models as im
import tracking.models as tm
from intake.api.channels import channels_list
from intake.api.declarations import declarations_create
from intake.client import AuthenticatedClient as Intake
from tracking.api.default import controls_create, results_create, worklists_read
from tracking.client import AuthenticatedClient as Tracking

OFFICE = "118"


def answered(response, kind):
    """The body of an answer, which must be of this kind: anything else is a problem, and says which."""
    assert isinstance(response.parsed, kind), f"{response.status_code}: {response.content!r}"
    return response.parsed


def main():
    url, token = os.environ["AFORO_URL"], os.environ["AFORO_TOKEN"]
    intake = Intake(base_url=url, token=token)
    tracking = Tracking(base_url=url, token=token)
    now = datetime.datetime.now(datetime.timezone.utc)

    declaration = im.Declaration(
        reference=f"python-{uuid.uuid4()}",
        declarant=im.Party(role=im.PartyRole.DECLARANT, id="20200000001"),
        office=OFFICE,
        acceptance_date_time=now,
        direction=im.Direction.IN,
        regime="10",
        modality=im.Modality.DEFERRED,
        form=im.Form.FULL,
        parties=[im.Party(role=im.PartyRole.IMPORTER, id="20100000009", name="Importadora del Sur S.A.C.")],
        transport_documents=[im.TransportDocument(id="MAEU604338211")],
        items=[
            im.GoodsItem(
                sequence=1,
                commodity_code="8467210000",
                description="Taladros",
                origin_country="US",
                net_mass_kg="100",
                valuation=im.ItemValuation(fob=im.Money(amount="1250.00", currency="USD")),
            )
        ],
    )
    receipt = answered(declarations_create.sync_detailed(client=intake, body=declaration), im.ReceiptView)
    assert receipt.status == im.ReceiptStatus.ACCEPTED, receipt
    again = answered(declarations_create.sync_detailed(client=intake, body=declaration), im.ReceiptView)
    assert again.status == im.ReceiptStatus.KNOWN and again.id == receipt.id, again

    cursor, told = 0, None
    while told is None:
        page = answered(channels_list.sync_detailed(client=intake, after=cursor, wait_ms=4_000), im.ChannelPageView)
        assert page.items, "the feed told nothing of the declaration"
        cursor = page.next_
        told = next((entry for entry in page.items if entry.declaration == receipt.id), None)
    print(f"python: {receipt.id} is told {told.channel.value}")

    order = tm.NewControl(
        office=OFFICE,
        subject=tm.SubjectType0(type_=tm.SubjectType0Type.DECLARATION, id=receipt.id),
        method=tm.Method.PHYSICAL,
        reason="seals do not match",
        reference=f"python-{receipt.id}",
        declaration=receipt.id,
    )
    control = answered(controls_create.sync_detailed(client=tracking, body=order), tm.WorkItem)
    page = answered(worklists_read.sync_detailed(OFFICE, client=tracking, limit=1_000), tm.PageWorkItem)
    assert any(item.id == control.id for item in page.items), "the worklist does not hold the control"
    result = tm.NewResult(
        version=1,
        stage=tm.ResultStage.FINAL,
        examined_at=now,
        established_at=now,
        items=[tm.ItemResult(sequence=1, outcome=tm.ItemOutcome.CONFORM)],
    )
    reported = answered(results_create.sync_detailed(control.id, client=tracking, body=result), tm.ResultVersion)
    assert reported.control == control.id, reported

    stranger = Intake(base_url=url, token="nobody")
    refused = answered(channels_list.sync_detailed(client=stranger), im.Problem)
    assert refused.code == "token-invalid", refused
    print("python: lodged, followed, reported")


if __name__ == "__main__":
    sys.exit(main())
