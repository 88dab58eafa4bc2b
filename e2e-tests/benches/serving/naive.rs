//! The peer: a receipt as it is written first. One `insert` through sea-orm and one XADD for each request.

use std::io::{BufRead as _, Write as _};
use std::process::{Command, Stdio};

use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::Context;
use benchkit::cpu_time;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectOptions, ConnectionTrait, Database};

use crate::cpu;
use crate::installation::Installation;
use crate::load::{self, CONCURRENCY, declaration};
use crate::path::Measured;

/// The argument that starts the server.
pub const SERVE: &str = "naive-server";
const TABLE: &str = "CREATE TABLE naive (id UUID PRIMARY KEY, reference TEXT NOT NULL UNIQUE, body JSONB NOT NULL)";
const WARM: u64 = 500;

mod declared {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "naive")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reference: String,
        pub body: Json,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

struct State {
    db: DatabaseConnection,
    redis: redis::aio::MultiplexedConnection,
    stream: String,
}

async fn receive(body: web::Bytes, state: web::Data<State>) -> Result<HttpResponse, actix_web::Error> {
    let failed = actix_web::error::ErrorInternalServerError::<Box<dyn std::error::Error>>;
    let declaration: customs::Declaration = serde_json::from_slice(&body).map_err(actix_web::error::ErrorBadRequest)?;
    let id = declaration.id(declaration.acceptance_date_time).0;
    let row = declared::ActiveModel {
        id: Set(id),
        reference: Set(declaration.reference.clone()),
        body: Set(serde_json::to_value(&declaration).map_err(|error| failed(error.into()))?),
    };
    row.insert(&state.db).await.map_err(|error| failed(error.into()))?;
    let mut add = redis::cmd("XADD");
    add.arg(&state.stream).arg("*").arg("id").arg(id.to_string()).arg("office").arg(&declaration.office.0);
    add.exec_async(&mut state.redis.clone()).await.map_err(|error| failed(error.into()))?;
    Ok(HttpResponse::Created().json(serde_json::json!({ "id": id, "status": "accepted" })))
}

/// Serves on a free port, which it tells in its first line, until it is killed.
pub async fn serve(postgres: &str, redis: &str) -> anyhow::Result<()> {
    let (url, stream) = redis.rsplit_once('#').context("the stream stands behind #")?;
    let mut options = ConnectOptions::new(postgres);
    options.max_connections(CONCURRENCY as u32 / 2).sqlx_logging(false);
    let db = Database::connect(options).await?;
    db.execute_unprepared(TABLE).await?;
    let redis = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    let state = web::Data::new(State { db, redis, stream: stream.to_owned() });
    let serving = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async {
            let app = move || App::new().app_data(state.clone()).route("/v1/declarations", web::post().to(receive));
            let server = HttpServer::new(app).bind(("127.0.0.1", 0))?;
            writeln!(std::io::stdout(), "{}", server.addrs()[0])?;
            server.run().await
        })
    });
    // The connections live on this runtime.
    tokio::task::spawn_blocking(move || serving.join()).await?.map_err(|_| anyhow::anyhow!("the server fell"))??;
    Ok(())
}

/// What it costs beside ours, on the same servers.
pub async fn measure(installation: &mut Installation, count: u64) -> anyhow::Result<Measured> {
    let stream = format!("{}#{}:naive", installation.redis_url(), installation.prefix());
    let mut child = Command::new(std::env::current_exe()?)
        .args([SERVE, &installation.database(), &stream])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
    let url = format!("http://{}/v1/declarations", line.trim());
    let measured = async {
        load::post(&url, "", 0..WARM, declaration).await?;
        let (mut before, own) = (installation.spent().await?, cpu_time());
        before.insert("naive".to_owned(), cpu::of_process(child.id()));
        let seconds = load::post(&url, "", WARM..WARM + count, declaration).await?;
        let load = cpu_time().saturating_sub(own).as_secs_f64() * 1e6 / count as f64;
        let mut after = installation.spent().await?;
        after.insert("naive".to_owned(), cpu::of_process(child.id()));
        let mut by_process = cpu::per_operation(&before, &after, count as usize);
        by_process.retain(|name, _| ["naive", "postgresql", "redis"].contains(&name.as_str()));
        Ok(Measured { by_process, load, rate: count as f64 / seconds })
    };
    let measured = measured.await;
    child.kill()?;
    child.wait()?;
    measured
}
