package trade;

import intake.api.ChannelsApi;
import intake.api.DeclarationsApi;
import intake.model.ChannelEntryView;
import intake.model.ChannelPageView;
import intake.model.Declaration;
import intake.model.Direction;
import intake.model.Form;
import intake.model.GoodsItem;
import intake.model.ItemValuation;
import intake.model.Modality;
import intake.model.Money;
import intake.model.Party;
import intake.model.PartyRole;
import intake.model.ReceiptStatus;
import intake.model.ReceiptView;
import intake.model.TransportDocument;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import tracking.api.DefaultApi;
import tracking.model.ItemOutcome;
import tracking.model.ItemResult;
import tracking.model.Method;
import tracking.model.NewControl;
import tracking.model.NewResult;
import tracking.model.ResultStage;
import tracking.model.ResultVersion;
import tracking.model.Subject;
import tracking.model.SubjectOneOf;
import tracking.model.WorkItem;

/** Lodges a declaration, follows the feed to its channel and reports a result, with the generated clients alone. */
public final class Trade {
    private static final String OFFICE = "118";

    private Trade() {}

    private static intake.ApiClient intake(String token) {
        var client = new intake.ApiClient();
        client.updateBaseUri(System.getenv("AFORO_URL"));
        client.setRequestInterceptor(request -> request.header("authorization", "Bearer " + token));
        return client;
    }

    private static tracking.ApiClient tracking(String token) {
        var client = new tracking.ApiClient();
        client.updateBaseUri(System.getenv("AFORO_URL"));
        client.setRequestInterceptor(request -> request.header("authorization", "Bearer " + token));
        return client;
    }

    private static void holds(boolean fact, Object text) {
        if (!fact) {
            throw new IllegalStateException(String.valueOf(text));
        }
    }

    public static void main(String[] arguments) throws Exception {
        var token = System.getenv("AFORO_TOKEN");
        var declarations = new DeclarationsApi(intake(token));
        var channels = new ChannelsApi(intake(token));
        var controls = new DefaultApi(tracking(token));
        var now = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS);

        var item = new GoodsItem()
                .sequence(1)
                .commodityCode("8467210000")
                .description("Taladros")
                .originCountry("US")
                .netMassKg("100")
                .valuation(new ItemValuation().fob(new Money().amount("1250.00").currency("USD")));
        var importer = new Party().role(PartyRole.IMPORTER).id("20100000009").name("Importadora del Sur S.A.C.");
        var declaration = new Declaration()
                .reference("java-" + UUID.randomUUID())
                .declarant(new Party().role(PartyRole.DECLARANT).id("20200000001"))
                .office(OFFICE)
                .acceptanceDateTime(now)
                .direction(Direction.IN)
                .regime("10")
                .modality(Modality.DEFERRED)
                .form(Form.FULL)
                .parties(List.of(importer))
                .transportDocuments(List.of(new TransportDocument().id("MAEU604338211")))
                .items(List.of(item));
        ReceiptView receipt = declarations.declarationsCreate(declaration, null);
        holds(receipt.getStatus() == ReceiptStatus.ACCEPTED, receipt);
        ReceiptView again = declarations.declarationsCreate(declaration, null);
        holds(again.getStatus() == ReceiptStatus.KNOWN && again.getId().equals(receipt.getId()), again);

        ChannelEntryView told = null;
        for (long after = 0; told == null;) {
            ChannelPageView page = channels.channelsList(after, 4_000L, null);
            holds(!page.getItems().isEmpty(), "the feed told nothing of the declaration");
            after = page.getNext();
            told = page.getItems().stream()
                    .filter(entry -> entry.getDeclaration().equals(receipt.getId()))
                    .findFirst()
                    .orElse(null);
        }
        System.out.println("java: " + receipt.getId() + " is told " + told.getChannel().getValue());

        var subject = new Subject(new SubjectOneOf().type(SubjectOneOf.TypeEnum.DECLARATION).id(receipt.getId()));
        WorkItem control = controls.controlsCreate(new NewControl()
                .office(OFFICE)
                .subject(subject)
                .method(Method.PHYSICAL)
                .reason("seals do not match")
                .reference("java-" + receipt.getId())
                .declaration(receipt.getId()));
        var worklist = controls.worklistsRead(OFFICE, null, null, 1_000L).getItems();
        holds(worklist.stream().anyMatch(entry -> entry.getId().equals(control.getId())), "the worklist does not hold it");
        ResultVersion reported = controls.resultsCreate(control.getId(), new NewResult()
                .version(1)
                .stage(ResultStage.FINAL)
                .examinedAt(now)
                .establishedAt(now)
                .items(List.of(new ItemResult().sequence(1).outcome(ItemOutcome.CONFORM))));
        holds(reported.getControl().equals(control.getId()), reported);

        try {
            new ChannelsApi(intake("nobody")).channelsList(null, null, null);
            throw new IllegalStateException("a stranger reads the feed");
        } catch (intake.ApiException refused) {
            holds(refused.getCode() == 401 && refused.getResponseBody().contains("token-invalid"), refused);
        }
        System.out.println("java: lodged, followed, reported");
    }
}
