//! A Kubernetes cluster as a platform team has it: `kubectl`, `helm`, and the system installed by its chart into a
//! namespace of its own. Whatever cluster KUBECONFIG names; the images must be on its nodes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clients::Client;
use serde_json::{Value, json};

use crate::wait::until;

/// The release in every namespace.
pub const RELEASE: &str = "aforo";
/// The Secret with the demo's keys.
const KEYS: &str = "aforo-demo";
/// The label of definitions that scenarios installed.
const SCENARIOS_OWN: &str = "aforo.io/installed-by=scenarios";
/// Custom resources that the operator keeps until it has tidied up after them.
const KEPT: [&str; 2] = ["modelrollouts.aforo.io", "portworkloads.aforo.io"];
/// What a port-forward says before its port.
const FORWARDING: &str = "Forwarding from 127.0.0.1:";

/// A namespace of the cluster; removed when dropped, unless it is to be kept.
#[derive(Debug)]
pub struct Cluster {
    namespace: String,
    image: String,
    values: Option<PathBuf>,
    keep: bool,
    started: Instant,
}

impl Cluster {
    /// A namespace for `scenario`, new and empty. None, and a line that says why: there is no cluster to test on.
    pub fn open(scenario: &str) -> anyhow::Result<Option<Self>> {
        let set = |name: &str| {
            std::env::var_os(name).and_then(|value| value.into_string().ok()).filter(|text| !text.is_empty())
        };
        let Some(image) = set("AFORO_E2E_IMAGE") else {
            eprintln!("skipped: {scenario}: AFORO_E2E_IMAGE names no image; `cargo xtask e2e` sees to it");
            return Ok(None);
        };
        let cluster = Self {
            namespace: format!("aforo-e2e-{scenario}"),
            image,
            values: set("AFORO_E2E_VALUES").map(PathBuf::from),
            keep: set("AFORO_E2E_KEEP").is_some(),
            started: Instant::now(),
        };
        cluster.remove("--timeout=180s")?;
        run(Command::new("kubectl").args(["create", "namespace", &cluster.namespace]))?;
        Ok(Some(cluster))
    }

    /// A line of progress.
    pub fn say(&self, what: &str) {
        eprintln!("[{:>4} s] {}: {what}", self.started.elapsed().as_secs(), self.namespace);
    }

    /// Its name.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What `kubectl` writes, in the namespace.
    pub fn kubectl(&self, arguments: &[&str]) -> anyhow::Result<String> {
        run(Command::new("kubectl").args(["--namespace", &self.namespace]).args(arguments))
    }

    /// The objects that `kubectl get` gives.
    pub fn get(&self, what: &[&str]) -> anyhow::Result<Vec<Value>> {
        let text = self.kubectl(&[&["get", "--output", "json"], what].concat())?;
        let answer: Value = serde_json::from_str(&text).context("kubectl writes no JSON")?;
        Ok(match answer["items"].as_array() {
            Some(items) => items.clone(),
            None => vec![answer],
        })
    }

    /// Applies an object.
    pub fn apply(&self, object: &Value) -> anyhow::Result<()> {
        self.fed(&["apply", "--filename", "-"], &object.to_string())
    }

    /// Applies an object as this person.
    pub fn apply_as(&self, person: &str, object: &Value) -> anyhow::Result<()> {
        self.fed(&["apply", "--as", person, "--filename", "-"], &object.to_string())
    }

    /// Gives these people the right to ask for rollouts in the namespace, and to approve them.
    pub fn may_roll_out(&self, people: &[&str]) -> anyhow::Result<()> {
        let metadata = json!({"name": "model-managers"});
        let subjects: Vec<Value> = people
            .iter()
            .map(|name| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}))
            .collect();
        self.apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata,
            "rules": [{"apiGroups": ["aforo.io"], "resources": ["modelrollouts", "rolloutapprovals"],
                "verbs": ["get", "create", "patch"]}],
        }))?;
        self.apply(&json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata, "subjects": subjects,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "model-managers"},
        }))
    }

    /// Lets the API server judge manifests, strictly, and change nothing.
    pub fn judge(&self, manifests: &str) -> anyhow::Result<()> {
        self.fed(
            &[
                "apply",
                "--server-side",
                "--dry-run=server",
                "--force-conflicts",
                "--validate=strict",
                "--filename",
                "-",
            ],
            manifests,
        )
    }

    /// Runs `kubectl` on what it reads.
    fn fed(&self, arguments: &[&str], text: &str) -> anyhow::Result<()> {
        let mut command = Command::new("kubectl");
        command.args(["--namespace", &self.namespace]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("cannot start kubectl")?;
        child.stdin.take().context("kubectl reads")?.write_all(text.as_bytes())?;
        ensure!(child.wait()?.success(), "kubectl refuses, as told above");
        Ok(())
    }

    /// Installs the definitions of the custom resources, which stay; those that are there are left as they are.
    pub fn definitions(&self) -> anyhow::Result<()> {
        if self.kubectl(&["get", "customresourcedefinition", "modelrollouts.aforo.io"]).is_ok() {
            return Ok(());
        }
        self.helm(&["upgrade", "--install", "aforo-crds", &charts("aforo-crds")])?;
        let names: Vec<String> = self.definition_names()?;
        let label = |name: &String| self.kubectl(&["label", name, SCENARIOS_OWN]);
        names.iter().try_for_each(|name| label(name).map(drop))
    }

    /// Removes the definitions that scenarios installed, if nothing is made of them; tells whether there are none now.
    pub fn without_definitions(&self) -> anyhow::Result<bool> {
        let names = self.definition_names()?;
        let own =
            self.kubectl(&["get", "customresourcedefinitions", "--output", "name", "--selector", SCENARIOS_OWN])?;
        if names.iter().any(|name| !own.lines().any(|own| own == name)) {
            return Ok(false);
        }
        for name in &names {
            let kind = name.rsplit('/').next().unwrap_or_default();
            if !self.kubectl(&["get", kind, "--all-namespaces", "--output", "name"])?.is_empty() {
                return Ok(false);
            }
        }
        names.iter().try_for_each(|name| self.kubectl(&["delete", name, "--timeout=60s"]).map(drop))?;
        Ok(true)
    }

    fn definition_names(&self) -> anyhow::Result<Vec<String>> {
        let text = self.kubectl(&["get", "customresourcedefinitions", "--output", "name"])?;
        Ok(text.lines().filter(|name| name.ends_with(".aforo.io")).map(ToOwned::to_owned).collect())
    }

    /// What `helm` writes, in the namespace.
    pub fn helm(&self, arguments: &[&str]) -> anyhow::Result<String> {
        run(Command::new("helm").args(["--namespace", &self.namespace]).args(arguments))
    }

    /// Installs or upgrades the release with these values, and does not wait.
    pub fn release(&self, verb: &str, set: &[&str]) -> anyhow::Result<()> {
        let (repository, tag) = self.image.rsplit_once(':').context("the image has a tag")?;
        let registry = repository.rsplit_once('/').map_or("", |(registry, _)| registry);
        let operator = format!("operator.image.repository={registry}/rollout-operator");
        let (repository, tag) = (format!("image.repository={repository}"), format!("image.tag={tag}"));
        let chart = charts("aforo");
        let mut arguments = vec![verb, RELEASE, &chart, "--set", &repository, "--set", &tag, "--set", &operator];
        let values = self.values.as_ref().map(|path| path.to_string_lossy());
        if let Some(values) = &values {
            arguments.extend(["--values", values]);
        }
        for value in set {
            arguments.extend(["--set", value]);
        }
        self.helm(&arguments).map(drop)
    }

    /// Installs the system with a database and Redis of its own, and waits until every pod is ready. Returns how long
    /// that took.
    pub async fn install(&self, set: &[&str], patience: Duration) -> anyhow::Result<Duration> {
        let started = Instant::now();
        self.release("install", &[&DEMO[..], set].concat())?;
        self.ready(patience).await?;
        let took = started.elapsed();
        self.say(&format!("installed, every pod ready after {:.1} s", took.as_secs_f64()));
        Ok(took)
    }

    /// Waits until every `Deployment` and `StatefulSet` has what it wants, in its latest form.
    pub async fn ready(&self, patience: Duration) -> anyhow::Result<()> {
        until("every pod is ready", patience, async || {
            let sets = self.get(&["deployments,statefulsets"])?;
            let ready = |set: &Value| {
                let wanted = set["spec"]["replicas"].as_u64().unwrap_or(1);
                let status = &set["status"];
                let is = |figure: &str| status[figure].as_u64().unwrap_or(0) == wanted;
                status["observedGeneration"] == set["metadata"]["generation"]
                    && is("readyReplicas")
                    && is("updatedReplicas")
                    && is("replicas")
            };
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok((!sets.is_empty() && sets.iter().all(ready)).then_some(()))
        })
        .await
        .with_context(|| self.failing_pods())
    }

    /// What `kubectl get pods` says, and the last lines of those that are not well.
    pub fn failing_pods(&self) -> String {
        let mut text = self.kubectl(&["get", "pods", "--output", "wide"]).unwrap_or_default();
        for pod in self.get(&["pods"]).unwrap_or_default() {
            let statuses = ["initContainerStatuses", "containerStatuses"];
            let statuses = statuses.iter().filter_map(|kind| pod["status"][kind].as_array()).flatten();
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            for status in statuses.filter(|status| status["ready"] != true || status["restartCount"] != 0) {
                let container = status["name"].as_str().unwrap_or_default();
                let state = format!("{} {}", status["state"], status["lastState"]);
                let log = self.log(name, container);
                text.extend(["\n--- ", name, " ", container, ": ", &state, "\n", &log]);
            }
        }
        text
    }

    /// The last lines of a container, of the process before as well.
    pub fn log(&self, pod: &str, container: &str) -> String {
        let log = |more: &[&str]| {
            self.kubectl(&[&["logs", pod, "--container", container, "--tail", "30"], more].concat()).unwrap_or_default()
        };
        log(&["--previous"]) + &log(&[])
    }

    /// A client for the gateway, over a port-forward to one of its pods, with a token for these roles.
    pub async fn client(&self, roles: &[&str]) -> anyhow::Result<Forwarded> {
        let mut token = vec!["exec", "deployment/aforo-declaration-intake", "--", "aforo", "token", "issue"];
        for role in roles {
            token.extend(["--role", role]);
        }
        let token = self.kubectl(&token)?;
        let log = tempfile::NamedTempFile::new().context("no temporary file")?;
        let process = Command::new("kubectl")
            .args(["--namespace", &self.namespace, "port-forward", "service/aforo-gateway", ":8080"])
            .stdin(Stdio::null())
            .stdout(log.reopen()?)
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start kubectl")?;
        let mut forwarded = Forwarded { process, client: Client::new("http://127.0.0.1:1", "")? };
        let port = until("a port is forwarded", Duration::from_secs(30), async || {
            let text = std::fs::read_to_string(log.path())?;
            let port = text.lines().find_map(|line| line.strip_prefix(FORWARDING)?.split_whitespace().next());
            Ok(port.map(ToOwned::to_owned))
        })
        .await?;
        forwarded.client = Client::new(&format!("http://127.0.0.1:{port}"), token.trim())?;
        Ok(forwarded)
    }

    /// Starts `aforo load` within the cluster, as the Job `name`.
    pub fn load(&self, name: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let arguments: Vec<&str> = ["load", "--to", "http://aforo-gateway:8080", "--json", "--name", name]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let security = json!({
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
        });
        let pod = json!({
            "restartPolicy": "Never",
            "automountServiceAccountToken": false,
            "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532,
                "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "load", "image": self.image, "imagePullPolicy": "IfNotPresent", "args": arguments,
                "env": [{"name": "AFORO_SETTING_KEYS__TOKENS_FILE", "value": "/run/secrets/keys/tokens.key"}],
                "securityContext": security,
                "volumeMounts": [{"name": "keys", "mountPath": "/run/secrets/keys", "readOnly": true}],
            }],
            "volumes": [{"name": "keys", "secret": {"secretName": KEYS, "defaultMode": 0o440,
                "items": [{"key": "tokens.key", "path": "tokens.key"}]}}],
        });
        self.apply(&json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name},
            "spec": {"backoffLimit": 0, "template": {"spec": pod}},
        }))
    }

    /// What came of the load `name`, when it has ended.
    pub async fn loaded(&self, name: &str, patience: Duration) -> anyhow::Result<Value> {
        let selector = format!("batch.kubernetes.io/job-name={name}");
        until(&format!("the load {name} has ended"), patience, async || {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let pods = self.get(&["pods", "--selector", &selector])?;
            let phase = pods.first().and_then(|pod| pod["status"]["phase"].as_str()).unwrap_or_default();
            Ok(matches!(phase, "Succeeded" | "Failed").then_some(()))
        })
        .await?;
        let log = self.kubectl(&["logs", "--selector", &selector, "--tail", "-1"])?;
        let outcome =
            log.lines().rev().find_map(|line| serde_json::from_str::<Value>(line).ok().filter(Value::is_object));
        let outcome = outcome.with_context(|| format!("the load {name} tells nothing:\n{log}"))?;
        self.say(&format!("load {name}: {outcome}"));
        Ok(outcome)
    }

    fn remove(&self, how: &str) -> anyhow::Result<()> {
        // Their operator goes with the namespace: nobody would let them go. Of what is being deleted it keeps nothing anew.
        for kind in KEPT {
            let _ = self.kubectl(&["delete", kind, "--all", "--wait=false"]);
            let kept = self.kubectl(&["get", kind, "--output", "name"]).unwrap_or_default();
            for name in kept.lines() {
                // It may be gone by now.
                let _ =
                    self.kubectl(&["patch", name, "--type", "merge", "--patch", r#"{"metadata":{"finalizers":null}}"#]);
            }
        }
        run(Command::new("kubectl").args(["delete", "namespace", &self.namespace, "--ignore-not-found", how])).map(drop)
    }
}

/// The values of a system with a database and Redis of its own, on volumes whosever they are.
pub const DEMO: [&str; 2] = ["demo.enabled=true", "demo.volumePermissions=true"];

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.failing_pods());
        }
        if self.keep {
            self.say("kept");
        } else if let Err(error) = self.remove("--wait=false") {
            eprintln!("{}: cannot be removed: {error:#}", self.namespace);
        }
    }
}

/// A client over a port-forward, which ends with it.
#[derive(Debug)]
pub struct Forwarded {
    process: Child,
    /// The client.
    pub client: Client,
}

impl Drop for Forwarded {
    fn drop(&mut self) {
        // It may have ended with the pod.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where a chart is.
pub fn charts(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../charts").join(name).to_string_lossy().into_owned()
}

fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {}", error.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
