//! `aforo serve`: one service in a process of its own, or the gateway before them.

use std::io::Read as _;
use std::net::{SocketAddr, ToSocketAddrs as _};

use anyhow::Context;
use events::Service;
use lifecycle::{Shutdown, telemetry};

use crate::administration::{Administration, Options};
use crate::cli::Serve;
use crate::data_folder::DataFolder;
use crate::gateway;
use crate::settings::Settings;

/// What the gateway is called among the services.
pub const GATEWAY: &str = "gateway";

/// What a process serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// A service.
    Service(Service),
    /// The one address before all of them.
    Gateway,
}

impl std::str::FromStr for Served {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == GATEWAY {
            return Ok(Self::Gateway);
        }
        Service::ALL.into_iter().find(|service| service.as_str() == name).map(Self::Service).ok_or_else(|| {
            let known: Vec<_> = Service::ALL.iter().map(|service| service.as_str()).collect();
            format!("there are {} and {GATEWAY}", known.join(", "))
        })
    }
}

/// Serves until interrupted.
pub async fn run(options: Serve) -> anyhow::Result<()> {
    let settings = Settings::load(options.settings.as_deref())?;
    telemetry::init(&settings.log)?;
    match options.name {
        Served::Service(service) => {
            settings.check_shared(service)?;
            let listen = match options.listen {
                Some(listen) => listen,
                None => address_of(settings.peers.url(service))
                    .with_context(|| format!("--listen is needed where [peers] has no address of {service} here"))?,
            };
            let administration = Box::pin(Administration::build(Options {
                services: vec![service],
                data: DataFolder::share(&options.data, service.as_str())?,
                listen,
                clock: settings.clock()?,
                draw_seed: None,
                settings,
            }))
            .await?;
            stop_with_input(options.until_input_ends, administration.shutdown());
            administration.start_workers();
            eprintln!("{service} is serving on {}; stop with Ctrl-C", administration.url());
            administration.serve_until_interrupted().await
        }
        Served::Gateway => {
            let shutdown = Shutdown::new();
            stop_with_input(options.until_input_ends, &shutdown);
            let listen = options.listen.unwrap_or(address_of(&format!("http://{}", settings.server.address))?);
            gateway::serve(&settings, listen, shutdown).await
        }
    }
}

/// Where a base URL leads, when it is an address of this machine to listen on.
fn address_of(url: &str) -> anyhow::Result<SocketAddr> {
    let authority = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/');
    authority
        .to_socket_addrs()
        .ok()
        .and_then(|mut addresses| addresses.next())
        .with_context(|| format!("{url} is no address to listen on"))
}

/// A supervised process stops in good order when whoever started it closes its input, or is gone.
fn stop_with_input(asked: bool, shutdown: &Shutdown) {
    if !asked {
        return;
    }
    let shutdown = shutdown.clone();
    std::thread::spawn(move || {
        let (mut input, mut bytes) = (std::io::stdin().lock(), [0_u8; 64]);
        while matches!(input.read(&mut bytes), Ok(1..)) {}
        shutdown.trigger();
    });
}
