//! The command line: every verb, explained in one screen.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use crate::serve::Served;

/// The data folder where none is named.
const DATA_FOLDER: &str = "aforo-data";
/// Names the data folder for every verb that needs one.
const DATA_VARIABLE: &str = "AFORO_DATA";
/// Names the file of authorities for every verb that calls a running system.
const CA_VARIABLE: &str = "AFORO_CA_FILE";

/// Decides which goods to examine, learns from what is found, manages the filters and models for it.
#[derive(Debug, Parser)]
#[command(name = "aforo", version, max_term_width = 100, disable_help_subcommand = true)]
// Every verb on one screen: without the two options that each program has.
#[command(help_template = "{about}\n{usage-heading} {usage}\n{subcommands}{after-help}")]
#[command(after_help = "Start with `aforo demo`. Each verb explains itself: `aforo demo --help`.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Live through a simulated customs year and report what was found, missed and spent
    Demo(Demo),
    /// Serve every service on one address, on real time, with its data in one folder
    Up(Up),
    /// Serve one service, or the gateway before all, in a process of its own
    Serve(Serve),
    /// Run every service as a process of its own on this machine, supervised
    #[command(subcommand)]
    Stack(Stack),
    /// Bring the tables of all services to the shape that this program needs
    Migrate(Migrate),
    /// Fill the online features again from the database, or compare them with it
    #[command(subcommand)]
    Online(Online),
    /// Kill processes at random under load, and count what was lost or done twice
    Faults(Faults),
    /// Lodge one declaration and follow it to a result, to see whether a system works
    Check(Check),
    /// Lodge declarations into a running system at a rate, and measure its channels
    Load(Load),
    /// Record a past file of declarations, or lodge one live and measure the scores
    Import(Import),
    /// Train a model on recorded files, without services
    Train(Train),
    /// Judge a trained model on files that it has not seen
    Evaluate(Evaluate),
    /// Propose risk filters from what controls found
    #[command(subcommand)]
    Filters(crate::filters::Filters),
    /// Take stored decisions again, and tell which do not come to what is recorded
    #[command(subcommand)]
    Decisions(crate::decisions::Decisions),
    /// Take a person out of everything that a running system keeps
    Erase(crate::erase::Erase),
    /// Roll a model out: start, status, approve, abort, retry
    #[command(subcommand)]
    Rollout(crate::rollout::Rollout),
    /// Make access tokens from the local key set
    #[command(subcommand)]
    Token(Token),
    /// Verify the trail of privileged acts, or erase a person from it
    #[command(subcommand)]
    Audit(Audit),
    /// Print the HTTP contract of a service, or list the services
    Openapi {
        /// Service to print; none lists them
        service: Option<String>,
        /// Write every contract, the events' schemas included, into this folder instead
        #[arg(long, value_name = "DIR", conflicts_with = "service")]
        write: Option<PathBuf>,
    },
    /// Print the default world of the demo as TOML, to edit and pass to `demo --world`
    World,
}

/// Options of `demo`.
#[derive(Args, Clone, Debug)]
pub struct Demo {
    /// Declarations lodged over the whole time [default: 100000]
    #[arg(long)]
    pub declarations: Option<u64>,
    /// Customs offices [default: 40]
    #[arg(long)]
    pub offices: Option<usize>,
    /// Days to live through [default: 365]
    #[arg(long)]
    pub days: Option<u32>,
    /// Seed: the same seed gives the same year [default: 1]
    #[arg(long)]
    pub seed: Option<u64>,
    /// World file (TOML): base rate, detectability, kinds of fraud, capacity; see `aforo world`
    #[arg(long, value_name = "FILE")]
    pub world: Option<PathBuf>,
    /// Fraud that depends on nothing observable: no selection can beat chance, and none may seem to
    #[arg(long)]
    pub null_world: bool,
    /// Keep the data here; the same command again resumes where it stopped [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where to write the report page
    #[arg(long, value_name = "FILE", default_value = "report.html")]
    pub report: PathBuf,
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Keep serving afterwards, until interrupted
    #[arg(long)]
    pub serve: bool,
    /// Address to serve on while the demo runs
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// No progress bar
    #[arg(long)]
    pub quiet: bool,
}

/// Options of `up`.
#[derive(Args, Clone, Debug)]
pub struct Up {
    /// Folder of the databases and the key set; made when absent
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE, default_value = DATA_FOLDER)]
    pub data: PathBuf,
    /// Settings of the services (TOML); `AFORO_SETTING_SCORING__BATCH=64` in the environment sets one
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Address to serve on
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Domain clock: `real`, or `driven` by `import --live`
    #[arg(long, value_enum, default_value_t = ClockMode::Real, hide_possible_values = true)]
    pub clock: ClockMode,
    /// First moment of a driven clock, RFC 3339
    #[arg(long, value_name = "TIME", required_if_eq("clock", "driven"))]
    pub start: Option<Timestamp>,
}

/// Options of `serve`.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// The service (`scoring`, …), or `gateway`: one address before all of them
    pub name: Served,
    /// Folder of the keys, and of the database where no URL names another; made when absent
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE, default_value = DATA_FOLDER)]
    pub data: PathBuf,
    /// Settings of the process (TOML); `AFORO_SETTING_QUEUE__URL=…` in the environment sets one
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Address to serve on [default: the service's own among the peers; the gateway's: 127.0.0.1:8080]
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// Stop in good order when the standard input ends, as a supervisor wants it
    #[arg(long, hide = true)]
    pub until_input_ends: bool,
}

/// Verbs of `stack`.
#[derive(Debug, Subcommand)]
pub enum Stack {
    /// Start every service and the gateway, and keep them running until interrupted
    Up(StackUp),
}

/// Options of `stack up`.
#[derive(Args, Clone, Debug)]
pub struct StackUp {
    /// Redis or Valkey for queue and online features (`redis://127.0.0.1:6379/0`). A password goes into
    /// `AFORO_SETTING_QUEUE__PASSWORD` and `AFORO_SETTING_ONLINE__PASSWORD`
    #[arg(long, value_name = "URL")]
    pub redis: String,
    /// PostgreSQL for the tables of all services [default: a file per service in the data folder]
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// Folder of the keys and of the files; made when absent
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE, default_value = DATA_FOLDER)]
    pub data: PathBuf,
    /// Settings of every process (TOML)
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// The one address before all services
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Port of the first service, on this machine alone; the others follow; 0: free ones [default: 8081]
    #[arg(long)]
    pub first_port: Option<u16>,
}

/// Options of `migrate`.
#[derive(Args, Clone, Debug)]
pub struct Migrate {
    /// Services [default: all]
    pub services: Vec<Served>,
    /// PostgreSQL for the tables of all services [default: what the settings name, or files]
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// How long to wait for a database that does not answer yet
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub wait: u32,
    /// Folder of the files
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE, default_value = DATA_FOLDER)]
    pub data: PathBuf,
    /// Settings (TOML)
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

/// Verbs of `online`.
#[derive(Debug, Subcommand)]
pub enum Online {
    /// Replay the log of facts and fill the online features; readers see the old ones until it is done
    Rebuild(OnlineOptions),
    /// Replay the log of facts and compare; nothing may be written meanwhile
    Verify(OnlineOptions),
}

/// Options of `online`.
#[derive(Args, Clone, Debug)]
pub struct OnlineOptions {
    /// Redis or Valkey with the online features [default: what the settings name]
    #[arg(long, value_name = "URL")]
    pub redis: Option<String>,
    /// PostgreSQL with the tables [default: what the settings name, or the file in the data folder]
    #[arg(long, value_name = "URL")]
    pub postgres: Option<String>,
    /// Folder of the files
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE, default_value = DATA_FOLDER)]
    pub data: PathBuf,
    /// Settings (TOML)
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

/// Options of `faults`.
#[derive(Args, Clone, Debug)]
pub struct Faults {
    /// How long declarations are lodged and processes killed
    #[arg(long, default_value_t = 2.0)]
    pub minutes: f64,
    /// Declarations per second
    #[arg(long, default_value_t = 50.0)]
    pub rate: f64,
    /// Seconds between two kills, on average
    #[arg(long, default_value_t = 5.0)]
    pub kill_every: f64,
    /// Seed of who is killed when
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// A running Redis, which is left alone [default: `redis-server` is started, and killed like the others]
    #[arg(long, value_name = "URL")]
    pub redis: Option<String>,
    /// PostgreSQL for the tables, which is left alone [default: files]
    #[arg(long, value_name = "URL", conflicts_with = "own_postgres")]
    pub postgres: Option<String>,
    /// Start a PostgreSQL for the tables, and kill it like the others
    #[arg(long)]
    pub own_postgres: bool,
    /// Where to keep data and log [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print the outcome as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// How to reach a running system, and as whom.
#[derive(Args, Clone, Debug)]
pub struct Access {
    /// Address of the running system
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Authorities to trust beside the machine's own (PEM), for a system on https
    #[arg(long, value_name = "FILE", env = CA_VARIABLE)]
    pub ca_file: Option<PathBuf>,
    /// Bearer token with the roles that the verb needs
    #[arg(long, env = "AFORO_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// Without a token: the data folder of the running system, to make one from its key set
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE, default_value = DATA_FOLDER)]
    pub data: PathBuf,
    /// Settings of the running system (TOML), where its key set is elsewhere
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

/// Options of `check`. Roles: customs-system, officer, supervisor, service.
#[derive(Args, Clone, Debug)]
pub struct Check {
    #[command(flatten)]
    pub access: Access,
    /// The office of the declaration and of the control
    #[arg(long, default_value = "TEST")]
    pub office: String,
    /// How long to wait for the channel
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub patience_seconds: u32,
}

/// Options of `load`. Roles: customs-system, officer, auditor, service.
#[derive(Args, Clone, Debug)]
pub struct Load {
    #[command(flatten)]
    pub access: Access,
    /// Declarations to lodge
    #[arg(long, default_value_t = 1_000)]
    pub declarations: u64,
    /// Declarations per second
    #[arg(long, default_value_t = 50.0)]
    pub rate: f64,
    /// Offices they go to, in turn; may be given more than once
    #[arg(long, default_values_t = ["118", "235", "046", "172"].map(String::from))]
    pub office: Vec<String>,
    /// What references begin with: the same again lodges nothing new
    #[arg(long, default_value = "LOAD")]
    pub name: String,
    /// Report results of the controls that are ordered
    #[arg(long)]
    pub examine: bool,
    /// How long to wait for the last channel
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub patience_seconds: u32,
    /// Print the outcome as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// How the domain clock runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ClockMode {
    /// With the world.
    Real,
    /// By a privileged client.
    Driven,
}

/// Options of `import`. Roles: customs-system, officer, supervisor, auditor, model-manager, service.
#[derive(Args, Clone, Debug)]
#[command(group(clap::ArgGroup::new("mode").required(true).args(["history", "live"])))]
pub struct Import {
    /// What the files hold: `kcs`, the Korea Customs Service's synthetic import declarations (CSV)
    #[arg(long, value_enum, hide_possible_values = true)]
    pub profile: Profile,
    /// Files, in the order of time
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Record as the past, with its own dates and results, then train on it
    #[arg(long)]
    pub history: bool,
    /// Lodge as if it happened now; post results only for what is ordered to be examined
    #[arg(long)]
    pub live: bool,
    #[command(flatten)]
    pub access: Access,
    /// Share of the declarations that offices without a capacity plan can examine physically
    #[arg(long, default_value_t = 0.05)]
    pub capacity: f64,
    /// Do not train after recording the past
    #[arg(long)]
    pub no_train: bool,
    /// Print the outcome as one JSON object
    #[arg(long)]
    pub json: bool,
    /// No progress bar
    #[arg(long)]
    pub quiet: bool,
}

/// Options of `train`.
#[derive(Args, Clone, Debug)]
pub struct Train {
    /// What the files hold: `kcs`, the Korea Customs Service's synthetic import declarations (CSV)
    #[arg(long, value_enum, hide_possible_values = true)]
    pub profile: Profile,
    /// Files; together they are the training period
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Where to write the model file
    #[arg(long, value_name = "OUT")]
    pub model: PathBuf,
    /// Seed: the same files and seed give the same bytes
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// No progress on standard error
    #[arg(long)]
    pub quiet: bool,
}

/// Options of `evaluate`.
#[derive(Args, Clone, Debug)]
pub struct Evaluate {
    /// Model file that `train` wrote
    #[arg(long, value_name = "MODEL")]
    pub model: PathBuf,
    /// What the files hold: `kcs`, the Korea Customs Service's synthetic import declarations (CSV)
    #[arg(long, value_enum, hide_possible_values = true)]
    pub profile: Profile,
    /// Files; their labels are only compared with the scores
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Print the judgement as one JSON object
    #[arg(long)]
    pub json: bool,
    /// No progress on standard error
    #[arg(long)]
    pub quiet: bool,
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Korea Customs Service synthetic import declarations (CSV)
    Kcs,
}

/// Verbs of `audit`.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Recompute the whole chain and say that it is intact, or where it is broken
    Verify(Verify),
    /// Take a person out of every record; what was done and when stays, and so does the chain
    Erase(Erase),
}

/// Where what a verb looks at is kept.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// Data folder of the installation
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE, default_value = DATA_FOLDER)]
    pub data: PathBuf,
    /// Its settings (TOML): they tell the database where it is not in the data folder
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

/// Options of `audit verify`.
#[derive(Args, Clone, Debug)]
pub struct Verify {
    /// Where the trail is
    #[command(flatten)]
    pub place: Place,
    /// Head that an earlier verification printed: it must still be in the chain
    #[arg(long, value_name = "DIGEST")]
    pub head: Option<String>,
    /// Print the verdict as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `audit erase`.
#[derive(Args, Clone, Debug)]
pub struct Erase {
    /// Where the trail is
    #[command(flatten)]
    pub place: Place,
    /// The person, as the trail names them
    #[arg(long)]
    pub subject: String,
    /// Who erases, for the record
    #[arg(long, default_value = "operator")]
    pub by: String,
}

/// Verbs of `token`.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Print a token
    Issue(Issue),
}

/// Options of `token issue`.
#[derive(Args, Clone, Debug)]
pub struct Issue {
    /// Data folder that holds the key set; made when absent
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE, default_value = DATA_FOLDER)]
    pub data: PathBuf,
    /// Settings of the installation (TOML): they tell where its keys are, and where it goes on record
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Role; may be given more than once
    #[arg(long, required = true)]
    pub role: Vec<String>,
    /// Office the token is good for; may be given more than once [default: all]
    #[arg(long)]
    pub office: Vec<String>,
    /// Who carries it
    #[arg(long, default_value = "operator")]
    pub subject: String,
    /// Hours it is valid, at most a year
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=8_784))]
    pub hours: u32,
}
