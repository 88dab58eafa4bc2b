//! What the charts render, mode by mode, and what they refuse. Skipped with a line where helm is missing.

use std::path::Path;

use serde_json::{Value, json};

use super::*;

/// The real database and Redis, as little as the chart takes.
const REAL: [&str; 5] = [
    "database.host=db",
    "database.existingSecret=db",
    "redis.host=redis",
    "redis.existingSecret=redis",
    "keys.existingSecret=keys",
];

/// Every way of deploying that has a golden rendering, and what is set for it.
const MODES: &[(&str, &[&str])] = &[
    ("demo", &["demo.enabled=true"]),
    ("external", &["database.caKey=ca.pem", "redis.caKey=ca.pem", "redis.user=aforo", "migrations.mode=job"]),
    ("hpa", &["demo.enabled=true", "autoscaling.mode=hpa", "autoscaling.minReplicas=2", "services.gateway.replicas=2"]),
    (
        "keda",
        &[
            "demo.enabled=true",
            "autoscaling.mode=keda",
            "pools[0].name=callao",
            "pools[0].offices={CLL,PAI}",
            "pools[0].replicas=1",
            "pools[0].maxReplicas=4",
        ],
    ),
    (
        "operator",
        &[
            "demo.enabled=true",
            "autoscaling.mode=operator",
            "operator.enabled=true",
            "operator.replicas=2",
            "pools[0].name=callao",
            "pools[0].offices={CLL,PAI}",
            "pools[0].replicas=1",
        ],
    ),
    (
        "monitored",
        &[
            "demo.enabled=true",
            "monitoring.serviceMonitor.enabled=true",
            "monitoring.prometheusRule.enabled=true",
            "monitoring.dashboard.enabled=true",
            "commonLabels.team=risk",
            "image.digest=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ],
    ),
];

/// Values that are refused, and the path that the refusal names.
const WRONG: &[(&str, &str)] = &[
    ("databse.host=db", "databse"),
    ("database.prot=5432", "prot"),
    ("database.port=0", "/database/port"),
    ("database.port=70000", "/database/port"),
    ("database.sslMode=maybe", "/database/sslMode"),
    ("database.existingSecret=", "/database/existingSecret"),
    ("database.host=", "/database/host"),
    ("database.password=secret", "password"),
    ("redis.host=", "/redis/host"),
    ("redis.prefix=a b", "/redis/prefix"),
    ("keys.existingSecret=", "/keys/existingSecret"),
    ("demo.enabled=perhaps", "/demo/enabled"),
    ("demo.enabled=true", "/database/host"),
    ("image.digest=latest", "/image/digest"),
    ("image.pullPolicy=Sometimes", "/image/pullPolicy"),
    ("services.feature-store.replicas=2", "/services/feature-store/replicas"),
    ("services.billing.replicas=1", "billing"),
    ("autoscaling.mode=operator", "/operator/enabled"),
    ("operator.scaling=sometimes", "/operator/scaling"),
    ("pools[0].name=Callao", "/pools/0"),
    ("pools[0].office=118", "/pools/0"),
    ("services.gateway.replicas=0", "/services/gateway/replicas"),
    ("services.gateway.resources.requests.memory=much", "/services/gateway/resources"),
    ("autoscaling.mode=sometimes", "/autoscaling/mode"),
    ("podSecurityContext.runAsUser=0", "/podSecurityContext/runAsUser"),
    ("terminationGracePeriodSeconds=1", "/terminationGracePeriodSeconds"),
    ("commonLabels.replicas=3", "/commonLabels/replicas"),
    ("migrations.mode=never", "/migrations/mode"),
    ("test.office=No Office", "/test/office"),
    ("demo.clock.rate=60", "/demo/clock/rate"),
    ("settings=[clock]", "/settings"),
];

fn helm(what: &str) -> bool {
    let there = has_helm();
    if !there {
        eprintln!("skipped: {what}: helm is not installed");
    }
    there
}

/// The values of a mode, over the real database unless it is a demo.
fn values<'a>(set: &'a [&'a str]) -> Vec<&'a str> {
    let real = if set.contains(&"demo.enabled=true") { &[][..] } else { &REAL[..] };
    real.iter().chain(set).copied().collect()
}

#[test]
fn each_mode_renders_what_was_read_and_accepted() {
    if !helm("golden renderings") {
        return;
    }
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    for (mode, set) in MODES {
        let rendered = render("aforo", &values(set)).unwrap();
        let golden = root().join("xtask/golden").join(format!("{mode}.yaml"));
        if update {
            std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
            std::fs::write(&golden, &rendered).unwrap();
        }
        let accepted = std::fs::read_to_string(&golden).unwrap_or_default();
        let place = rendered.lines().zip(accepted.lines()).position(|(now, before)| now != before);
        assert!(
            rendered == accepted,
            "{mode} renders something else from line {place:?}; read it, then UPDATE_GOLDEN=1 accepts it"
        );
    }
}

#[test]
fn plain_manifests_are_what_the_charts_render() {
    if !helm("plain manifests") {
        return;
    }
    for (path, text) in manifests().unwrap() {
        let written = std::fs::read_to_string(root().join(&path)).unwrap_or_default();
        assert!(written == text, "{} is stale: cargo xtask generate", path.display());
        assert!(!text.contains("helm.sh"), "{} speaks of helm", path.display());
    }
}

#[test]
fn misspelt_and_impossible_values_are_refused_with_their_path() {
    if !helm("refused values") {
        return;
    }
    render("aforo", &REAL).expect("what is right is taken");
    let defaults = render("aforo", &[]).expect_err("nothing is generated and nothing assumed").to_string();
    assert!(defaults.contains("/database/existingSecret") && defaults.contains("/keys/existingSecret"), "{defaults}");
    for (wrong, path) in WRONG {
        let refused = match render("aforo", &values(&[&REAL[..], &[wrong]].concat())) {
            Err(refused) => refused.to_string(),
            Ok(_) => panic!("{wrong} is taken"),
        };
        assert!(refused.contains(path), "{wrong}: {path} is not named: {refused}");
    }
}

#[test]
fn charts_are_linted_without_a_complaint() {
    if !helm("lint") {
        return;
    }
    for chart in std::fs::read_dir(root().join("charts")).unwrap() {
        let chart = chart.unwrap().path();
        let mut command = Command::new("helm");
        command.arg("lint").arg("--strict").arg(&chart);
        if chart.ends_with("aforo") {
            command.args(["--set", "demo.enabled=true"]);
        }
        let told = output(&mut command).unwrap();
        assert!(!told.contains("[WARNING]") && !told.contains("[ERROR]"), "{told}");
    }
}

/// Kinds that are of others, and have no schema of Kubernetes'.
const FOREIGN: &str = "ScaledObject,TriggerAuthentication,ServiceMonitor,PrometheusRule,CustomResourceDefinition";

#[test]
fn what_is_rendered_is_as_the_schemas_of_kubernetes_want_it() {
    if !helm("kubeconform") {
        return;
    }
    let answers = output(Command::new("kubeconform").arg("-v"));
    if let Err(error) = answers {
        eprintln!("skipped: kubeconform: it is not installed ({error:#})");
        return;
    }
    // A folder or URL in the words of kubeconform's -schema-location, where its own is out of reach.
    #[expect(clippy::disallowed_methods, reason = "a test has no settings")]
    let schemas = std::env::var("AFORO_KUBERNETES_SCHEMAS").unwrap_or_else(|_| "default".to_owned());
    for (mode, set) in MODES {
        let rendered = render("aforo", &values(set)).unwrap();
        let file = std::env::temp_dir().join(format!("aforo-{mode}-{}.yaml", std::process::id()));
        std::fs::write(&file, rendered).unwrap();
        let mut command = Command::new("kubeconform");
        command.args(["-strict", "-summary", "-skip", FOREIGN, "-schema-location", &schemas]).arg(&file);
        let judged = command.output().unwrap();
        std::fs::remove_file(&file).unwrap();
        let told = String::from_utf8_lossy(&judged.stdout);
        if told.contains("failed downloading schema") {
            eprintln!(
                "skipped: kubeconform: its schemas cannot be had from here; AFORO_KUBERNETES_SCHEMAS names others"
            );
            return;
        }
        assert!(judged.status.success(), "{mode}: {told}");
        assert!(told.contains("Invalid: 0, Errors: 0") && !told.contains("0 resources found"), "{mode}: {told}");
    }
}

#[test]
fn every_pod_is_restricted_and_what_something_else_scales_has_no_replicas() {
    if !helm("pods") {
        return;
    }
    for (mode, set) in MODES {
        let rendered = render("aforo", &values(set)).unwrap();
        let objects = parse(&rendered);
        assert!(objects.len() > 20, "{mode}");
        let scaled: Vec<&Value> =
            objects.iter().filter_map(|object| object.pointer("/spec/scaleTargetRef/name")).collect();
        assert_eq!(scaled.is_empty(), !["hpa", "keda"].contains(mode), "{mode}");
        for object in &objects {
            let name = &object["metadata"]["name"];
            let told = |what: &str| format!("{mode}: {} {name}: {what}", object["kind"]);
            if object["kind"] == "Deployment" {
                let operated =
                    mode == &"operator" && name.as_str().is_some_and(|name| name.starts_with("aforo-scoring"));
                let owned = operated || scaled.contains(&name);
                assert_eq!(owned, object["spec"]["replicas"].is_null(), "{}", told("replicas"));
            }
            let pod = match object["kind"].as_str() {
                Some("Deployment" | "StatefulSet" | "Job") => &object["spec"]["template"]["spec"],
                Some("Pod") => &object["spec"],
                _ => continue,
            };
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true, "{}", told("root"));
            assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault", "{}", told("seccomp"));
            let operator = name == "aforo-rollout-operator";
            assert_eq!(pod["automountServiceAccountToken"], operator, "{}", told("token"));
            let containers = ["containers", "initContainers"].iter().filter_map(|kind| pod[kind].as_array()).flatten();
            for container in containers {
                let security = &container["securityContext"];
                assert_eq!(security["readOnlyRootFilesystem"], true, "{}", told("file system"));
                assert_eq!(security["allowPrivilegeEscalation"], false, "{}", told("escalation"));
                assert_eq!(security["capabilities"], json!({"drop": ["ALL"]}), "{}", told("capabilities"));
                assert!(container["resources"]["requests"]["memory"].is_string(), "{}", told("requests"));
            }
        }
        if mode == &"monitored" {
            assert!(objects.iter().all(|object| object["metadata"]["labels"]["team"] == "risk"), "commonLabels");
            assert!(rendered.contains("localhost/aforo@sha256:aaaa"), "the digest wins over the tag");
        }
    }
}

#[test]
fn the_dashboard_and_alerts_ask_for_figures_that_exist() {
    let sources = [
        "crates/rest/src",
        "services/declaration-intake/src",
        "services/scoring/src",
        "services/controls-tracking/src",
        "services/feature-store/src",
    ]
    .iter()
    .flat_map(|folder| texts(&root().join(folder)))
    .collect::<String>();
    let asked = std::fs::read_to_string(root().join("charts/aforo/dashboards/aforo.json")).unwrap()
        + &std::fs::read_to_string(root().join("charts/aforo/templates/monitoring/prometheusrule.yaml")).unwrap();
    let prefixes = ["intake_", "scoring_", "controls_tracking_", "feature_store_", "http_"];
    let mut found = 0;
    for word in asked.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        let Some(name) = prefixes.iter().find_map(|prefix| word.strip_prefix(prefix)) else { continue };
        let name = name.trim_end_matches("_total").trim_end_matches("_bucket");
        assert!(sources.contains(&format!("\"{name}\"")), "nobody counts {word}");
        found += 1;
    }
    assert!(found >= 10, "{found}");
}

fn texts(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { texts(&path) } else { vec![std::fs::read_to_string(path).unwrap()] })
        .collect()
}

/// The objects of a rendering.
fn parse(rendered: &str) -> Vec<Value> {
    let documents = rendered.split("\n---").map(|text| text.trim_start_matches("---"));
    documents
        .map(|text| serde_norway::from_str::<Value>(text).unwrap_or_else(|error| panic!("{error}:\n{text}")))
        .filter(|object| !object.is_null())
        .collect()
}
