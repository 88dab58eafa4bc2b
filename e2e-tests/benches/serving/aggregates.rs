//! Keeping the aggregates of every entity up to date with accepted declarations, and that a crash leaves them right. Beside
//! it, as peer, one increment in Redis for each of twelve entities, pipelined per declaration.

use benchkit::{Report, cpu_time};
use events::{DeclarationAccepted, Envelope, Payload, Service};
use queue::{NewMessage, Stream};
use serde_json::json;

use crate::cpu;
use crate::installation::Installation;
use crate::load::declaration;

const WARM: u64 = 4_000;
const MEASURED: u64 = 20_000;
const CRASHED: u64 = 8_000;
const AT_ONCE: usize = 64;
const INCREMENTED: usize = 2_000;
const ENTITIES: u64 = 12;
const STREAM: Stream = Stream { subscriber: Service::FeatureStore, shard: 0 };

fn accepted(number: u64) -> anyhow::Result<NewMessage> {
    let declaration: customs::Declaration = serde_json::from_slice(&declaration(number))?;
    let at = declaration.acceptance_date_time;
    let body = DeclarationAccepted {
        id: declaration.id(at),
        version: 1,
        consignment_key: declaration.consignment_key(),
        accepted_at: at,
        received_at_ms: at.as_millisecond(),
        arrived_at: None,
        history: false,
        declaration,
        notes: Vec::new(),
        told_channel: None,
    };
    let key = [DeclarationAccepted::NAME.as_bytes(), &number.to_be_bytes()];
    let office = Some(body.declaration.office.clone());
    let envelope = Envelope::new(&key, at, at.as_millisecond(), office, body).into_raw();
    Ok(NewMessage { stream: STREAM, envelope })
}

async fn publish(installation: &Installation, numbers: std::ops::Range<u64>) -> anyhow::Result<()> {
    let messages: Vec<NewMessage> = numbers.map(accepted).collect::<Result<_, _>>()?;
    for messages in messages.chunks(AT_ONCE) {
        installation.queue.publish(messages).await?;
    }
    Ok(())
}

pub async fn run() -> anyhow::Result<()> {
    let mut report = Report::of("aggregates");
    let mut installation = Installation::prepare().await?;
    let services = [Service::FeatureStore];
    installation.start(&services).await?;
    publish(&installation, 0..WARM).await?;
    installation.settle(&services).await?;
    installation.stop()?;
    report.progress("publishing");
    publish(&installation, WARM..WARM + MEASURED).await?;
    report.progress("measuring");
    // From the start of the process, whose own cost is measured alone and taken off.
    let before = installation.spent().await?;
    installation.start(&services).await?;
    installation.settle(&services).await?;
    let by_process = cpu::per_operation(&before, &installation.spent().await?, MEASURED as usize);
    installation.stop()?;
    let before = installation.spent().await?;
    installation.start(&services).await?;
    installation.settle(&services).await?;
    let starting = cpu::per_operation(&before, &installation.spent().await?, MEASURED as usize);

    report.progress("killing it while it works, and recounting");
    let crashed = WARM + MEASURED..WARM + MEASURED + CRASHED;
    publish(&installation, crashed).await?;
    installation.kill(Service::FeatureStore)?;
    installation.start(&services).await?;
    installation.settle(&services).await?;
    installation.stop()?;
    let compared = installation.verb(&["online", "verify"]);

    report.progress("measuring the peer");
    let peer = increments(&installation).await?;
    let ours = by_process.values().sum::<f64>() - starting.values().sum::<f64>();
    report
        .compared(ours, peer)
        .figure("byProcess", json!(by_process))
        .figure("startingByProcess", json!(starting))
        .figure("equalAfterCrash", compared.is_ok())
        .figure("compared", compared.unwrap_or_else(|error| error.to_string()));
    report.print();
    installation.remove().await
}

/// Microseconds per declaration of the peer, both processes.
async fn increments(installation: &Installation) -> anyhow::Result<f64> {
    let mut redis = redis::Client::open(installation.redis_url())?.get_multiplexed_async_connection().await?;
    let (server, own) = (cpu::of_redis(&mut redis).await?, cpu_time());
    for number in 0..INCREMENTED as u64 {
        let mut pipeline = redis::pipe();
        for entity in 0..ENTITIES {
            let key = format!("{}:peer:{}", installation.prefix(), (number * 7 + entity * 131) % 5_000);
            pipeline.cmd("HINCRBYFLOAT").arg(key).arg("declared").arg(1.5).ignore();
        }
        pipeline.exec_async(&mut redis).await?;
    }
    let spent = cpu::of_redis(&mut redis).await? - server + cpu_time().saturating_sub(own).as_secs_f64();
    Ok(spent * 1e6 / INCREMENTED as f64)
}
