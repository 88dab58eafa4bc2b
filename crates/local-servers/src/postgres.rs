//! A PostgreSQL with one database, whose user may do anything. As root it is run by the system's user for it.

use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{ServerError, free_port};

/// Where distributions keep the programs of a version (`/usr/lib/postgresql/15/bin`).
const VERSIONS: &str = "/usr/lib/postgresql";
/// Whom root runs it as.
const USER: &str = "postgres";
/// The user of the database, and the database.
const NAME: &str = "aforo";

/// Where it is, and where it keeps its data.
#[derive(Clone, Debug)]
pub struct Postgres {
    programs: PathBuf,
    user: Option<(u32, u32)>,
    data: PathBuf,
    port: u16,
}

impl Postgres {
    /// Makes an empty database in `folder`, which is made, on a free port. Through the folder above it everybody must be
    /// able to pass, the last folder is made so.
    pub fn create(folder: &Path) -> Result<Self, ServerError> {
        let server = Self::at(folder, folder.join("data"))?;
        let data = server.data.display().to_string();
        let how = ["--no-sync", "--username", NAME, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"];
        Self::run(server.program("initdb").args(["--pgdata", &data]).args(how))?;
        server.create_database()?;
        Ok(server)
    }

    /// The data of another one that was put into `folder`, to be served on a port of its own.
    pub fn restored(folder: &Path) -> Result<Self, ServerError> {
        let server = Self::at(folder, folder.to_owned())?;
        // It refuses data that others may read.
        let closed = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
        closed.map_err(|source| ServerError::Folder { path: folder.to_owned(), source })?;
        Ok(server)
    }

    fn at(folder: &Path, data: PathBuf) -> Result<Self, ServerError> {
        let failed = |source| ServerError::Folder { path: folder.to_owned(), source };
        let is_root = std::fs::metadata("/proc/self").map_err(failed)?.uid() == 0;
        let user = if is_root { Some(ids_of(USER)?) } else { None };
        let server = Self { programs: programs()?, user, data, port: free_port()? };
        server.own(folder)?;
        Ok(server)
    }

    /// Makes `folder` where it is not there, gives it to whoever runs the server, and lets him pass through the one above.
    pub fn own(&self, folder: &Path) -> Result<(), ServerError> {
        let failed = |source| ServerError::Folder { path: folder.to_owned(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let Some((user, group)) = self.user else { return Ok(()) };
        chown(folder, Some(user), Some(group)).map_err(failed)?;
        let Some(above) = folder.parent() else { return Ok(()) };
        let mode = std::fs::metadata(above).map_err(failed)?.permissions().mode();
        std::fs::set_permissions(above, std::fs::Permissions::from_mode(mode | 0o011)).map_err(failed)
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        format!("postgres://{NAME}@127.0.0.1:{}/{NAME}", self.port)
    }

    /// Its folder of data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What serves, until it is ended. `settings`: more of them, as `name=value`.
    pub fn command(&self, settings: &[String]) -> Command {
        let mut command = self.program("postgres");
        command.arg("-D").arg(&self.data).args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        command.args(["-c", "unix_socket_directories="]);
        for setting in settings {
            command.args(["-c", setting]);
        }
        command
    }

    /// Whether it takes connections.
    pub fn answers(&self) -> bool {
        let mut asking = self.program("pg_isready");
        asking.args(["--quiet", "--host", "127.0.0.1", "--port", &self.port.to_string()]);
        asking.output().is_ok_and(|output| output.status.success())
    }

    /// What a statement gives, as text.
    pub fn ask(&self, statement: &str) -> Result<String, ServerError> {
        let mut asking = self.program("psql");
        Self::run(asking.args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", statement, &self.url()]))
    }

    /// Copies its data into `folder`, while it serves.
    pub fn back_up(&self, folder: &Path) -> Result<(), ServerError> {
        let mut copying = self.program("pg_basebackup");
        copying.args(["--host", "127.0.0.1", "--port", &self.port.to_string(), "--username", NAME]);
        copying.args(["--checkpoint", "fast", "--wal-method", "none", "--no-manifest", "--pgdata"]).arg(folder);
        Self::run(&mut copying).map(drop)
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        // Whoever runs it may not see where this process stands.
        command.current_dir("/").stdin(Stdio::null());
        command
    }

    fn run(command: &mut Command) -> Result<String, ServerError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let output = command.output().map_err(|source| ServerError::Program { program: program.clone(), source })?;
        if !output.status.success() {
            return Err(ServerError::Failed { program, told: String::from_utf8_lossy(&output.stderr).into_owned() });
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Makes the database while nobody is served yet.
    fn create_database(&self) -> Result<(), ServerError> {
        let mut command = self.program("postgres");
        command.args(["--single", "-D"]).arg(&self.data).arg("postgres");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let failed = |source| ServerError::Program { program: "postgres".to_owned(), source };
        let mut single = command.spawn().map_err(failed)?;
        if let Some(mut input) = single.stdin.take() {
            writeln!(input, "CREATE DATABASE {NAME}").map_err(failed)?;
        }
        let output = single.wait_with_output().map_err(failed)?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        // It ends well whatever the statement came to.
        if output.status.success() && !told.contains("ERROR:") {
            return Ok(());
        }
        Err(ServerError::Failed { program: "postgres --single".to_owned(), told })
    }
}

/// Whether there is one to make servers of.
pub fn is_installed() -> bool {
    programs().is_ok()
}

/// The programs of the newest version that is installed.
fn programs() -> Result<PathBuf, ServerError> {
    let versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .max()
        .map(|(_, folder)| folder)
        .ok_or(ServerError::NotInstalled("PostgreSQL"))
}

/// User and group of the system's user `name`.
fn ids_of(name: &'static str) -> Result<(u32, u32), ServerError> {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let ids = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then_some(())?;
        let mut numbers = fields.skip(1).map(str::parse::<u32>);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    ids.ok_or(ServerError::User(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_made_served_asked_and_copied() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = match Postgres::create(&folder.path().join("one")) {
            Err(ServerError::NotInstalled(name)) => return eprintln!("skipped: {name} is not installed"),
            made => made.expect("it is made"),
        };
        let mut process = server.command(&["fsync=off".to_owned()]).stderr(Stdio::null()).spawn().expect("it starts");
        while !server.answers() {
            assert!(process.try_wait().expect("it is asked").is_none(), "it ended");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let asked = server.ask("SELECT current_database() || current_setting('fsync')");
        let wrong = server.ask("SELECT nothing").err().map(|error| error.to_string());
        let copy = folder.path().join("two");
        let copied = server.own(&copy).and_then(|()| server.back_up(&copy));
        process.kill().expect("it is killed");
        process.wait().expect("it ends");
        assert_eq!(asked.expect("it answers"), "aforooff");
        assert!(wrong.is_some_and(|told| told.contains("nothing")));
        copied.expect("it is copied");
        let copied = Postgres::restored(&copy).expect("it can be served");
        assert_ne!(copied.url(), server.url());
        let told = copied.command(&[]).output().expect("it starts").stderr;
        // The log that belongs to it was not copied.
        let told = String::from_utf8_lossy(&told);
        assert!(told.contains("could not locate required checkpoint record"), "{told}");
    }
}
