//! A PostgreSQL of our own. It is killed without warning, and recovers from its log when it is started again.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::{Server, free_port};
use crate::stack::log::Log;
use crate::stack::supervisor::Supervised;

/// Where distributions keep the programs of a version (`/usr/lib/postgresql/15/bin`).
const VERSIONS: &str = "/usr/lib/postgresql";
/// Whom root runs the server as: it refuses to be root.
const USER: &str = "postgres";
/// The user of the database, and the database.
const NAME: &str = "aforo";

/// The programs, and whom to run them as.
#[derive(Clone)]
struct Programs {
    folder: PathBuf,
    user: Option<(u32, u32)>,
}

impl Programs {
    fn find() -> anyhow::Result<Self> {
        let search = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
        let newest = search
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
            .filter(|(_, folder)| folder.join("initdb").is_file())
            .max();
        let (_, folder) = newest.with_context(|| {
            format!("no PostgreSQL below {VERSIONS}: install it, or name a running one with --postgres (it is not killed)")
        })?;
        let is_root = std::fs::metadata("/proc/self").context("who runs this cannot be told")?.uid() == 0;
        let user = if is_root { Some(ids_of(USER)?) } else { None };
        Ok(Self { folder, user })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.folder.join(program));
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        // It may not see where this process stands.
        command.current_dir("/");
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let output = self.command(program).args(arguments).output().with_context(|| format!("{program} does not start"))?;
        ensure!(output.status.success(), "{program} failed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }
}

/// Makes a database in `folder` and serves it on a free port of this machine.
pub fn start(folder: &Path, log: &Log) -> anyhow::Result<Server> {
    let programs = Programs::find()?;
    let folder = folder.join("postgres");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    if let Some((user, group)) = programs.user {
        chown(&folder, Some(user), Some(group)).with_context(|| format!("cannot give {} away", folder.display()))?;
        let_through(&folder)?;
    }
    let data = folder.join("data").to_str().context("the path of the data folder is no text")?.to_owned();
    let made = ["--pgdata", &data, "--username", NAME, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"];
    programs.run("initdb", &made)?;
    // The database before the first client, in a server without connections.
    create_database(&programs, &data)?;

    let port = free_port()?.to_string();
    let (starting_port, served) = (port.clone(), programs.clone());
    let starting = move || {
        let mut command = served.command("postgres");
        command.args(["-D", &data, "-p", &starting_port, "-c", "listen_addresses=127.0.0.1"]);
        command.args(["-c", "unix_socket_directories="]);
        command
    };
    let asked = port.clone();
    let asking = move || {
        let asked = programs.run("pg_isready", &["--host", "127.0.0.1", "--port", &asked, "--quiet"]);
        Box::pin(std::future::ready(asked.is_ok())) as _
    };
    let url = format!("postgres://{NAME}@127.0.0.1:{port}/{NAME}");
    Ok(Server { process: Supervised::start("postgresql", Box::new(starting), log), url, asking: Box::new(asking) })
}

/// Makes the database by the server's single-user mode.
fn create_database(programs: &Programs, data: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut command = programs.command("postgres");
    command.args(["--single", "-D", data, "postgres"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut single = command.spawn().context("postgres does not start")?;
    if let Some(mut input) = single.stdin.take() {
        writeln!(input, "CREATE DATABASE {NAME}").context("postgres does not listen")?;
    }
    let output = single.wait_with_output().context("postgres does not end")?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && !told.contains("ERROR"), "the database cannot be made: {told}");
    Ok(())
}

/// Lets everybody pass through the folders above `folder`, as far as they are ours: a temporary folder is closed.
fn let_through(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    for above in folder.ancestors().skip(1).take(1) {
        let mode = std::fs::metadata(above)?.permissions().mode();
        std::fs::set_permissions(above, std::fs::Permissions::from_mode(mode | 0o011))
            .with_context(|| format!("cannot open {} for {USER}", above.display()))?;
    }
    Ok(())
}

/// User and group of the system's user `name`.
fn ids_of(name: &str) -> anyhow::Result<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").context("the system's users cannot be read")?;
    let ids = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then_some(())?;
        let mut numbers = fields.skip(1).map(str::parse::<u32>);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    ids.with_context(|| format!("there is no user {name} to run PostgreSQL as, and it refuses to be run by root"))
}
