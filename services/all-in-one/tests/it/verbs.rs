//! The other verbs, and what they say to wrong input.

use crate::support::{aforo, run};

#[test]
fn help_explains_every_verb_in_one_screen() {
    let help = run(&["--help"]);
    let text = String::from_utf8(help.stdout).unwrap();
    for verb in [
        "demo",
        "up",
        "serve",
        "stack",
        "migrate",
        "rollout",
        "online",
        "faults",
        "check",
        "load",
        "import",
        "train",
        "evaluate",
        "filters",
        "decisions",
        "erase",
        "token",
        "audit",
        "openapi",
        "world",
    ] {
        assert!(text.lines().any(|line| line.trim_start().starts_with(verb)), "{verb} is not explained:\n{text}");
    }
    assert!(text.lines().count() <= 24, "more than a screen:\n{text}");
}

#[test]
fn a_token_for_an_unknown_role_or_office_is_refused_with_what_there_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let refused = run(&["token", "issue", "--data", data, "--role", "king"]);
    assert!(!refused.status.success());
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("no role `king`") && message.contains("officer"), "{message}");
    let nowhere = run(&["token", "issue", "--data", data, "--role", "officer", "--office", "11 8"]);
    assert!(!nowhere.status.success() && String::from_utf8(nowhere.stderr).unwrap().contains("`11 8` is no office"));
    let issued = run(&["token", "issue", "--data", data, "--role", "officer", "--office", "118"]);
    assert_eq!(String::from_utf8(issued.stdout).unwrap().trim().split('.').count(), 3);
}

#[test]
fn a_wrong_world_file_is_refused_with_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("world.toml");
    std::fs::write(&file, "offenceRate = 7.0\n").unwrap();
    let refused = run(&["demo", "--world", file.to_str().unwrap(), "--quiet"]);
    assert!(!refused.status.success());
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("world.toml") && message.to_lowercase().contains("offence"), "{message}");
}

#[test]
fn the_printed_world_is_a_valid_world_file() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(&["world"]);
    assert!(printed.status.success());
    let file = folder.path().join("world.toml");
    std::fs::write(&file, printed.stdout).unwrap();
    let data = folder.path().join("data");
    let page = folder.path().join("r.html");
    let ran = run(&[
        "demo",
        "--world",
        file.to_str().unwrap(),
        "--declarations",
        "60",
        "--offices",
        "2",
        "--days",
        "3",
        "--quiet",
        "--json",
        "--data",
        data.to_str().unwrap(),
        "--report",
        page.to_str().unwrap(),
    ]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn a_service_alone_needs_what_others_reach_and_says_which_setting() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let refused = run(&["serve", "scoring", "--data", data.to_str().unwrap()]);
    assert!(!refused.status.success());
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(message.contains("[queue]") && message.contains("redis://"), "{message}");
    let unknown = run(&["serve", "billing"]);
    let message = String::from_utf8(unknown.stderr).unwrap();
    assert!(message.contains("declaration-intake") && message.contains("gateway"), "{message}");
}

#[test]
fn migrating_makes_the_tables_of_every_service_and_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let all = ["migrate", "--data", data.to_str().unwrap()];
    for _ in 0..2 {
        let migrated = run(&all);
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        assert_eq!(String::from_utf8(migrated.stdout).unwrap().lines().count(), 7);
    }
    let files = std::fs::read_dir(&data).unwrap().filter_map(|file| file.unwrap().file_name().into_string().ok());
    assert_eq!(files.filter(|name| std::path::Path::new(name).extension().is_some_and(|of| of == "db")).count(), 7);
    let one = run(&["migrate", "scoring", "--data", data.to_str().unwrap()]);
    assert_eq!(String::from_utf8(one.stdout).unwrap(), "scoring: up to date\n");
}

/// A `kubectl` that notes what it is asked and reads, and knows one rollout and one user.
#[cfg(unix)]
fn kubectl(folder: &std::path::Path) -> impl Fn(&[&str]) -> (std::process::Output, String) {
    use std::os::unix::fs::PermissionsExt as _;
    let rollout = serde_json::json!({
        "metadata": {"name": "second"}, "spec": {"steps": [{}, {}, {}]},
        "status": {"waiting": "AwaitingApproval", "message": "one more", "state": {"phase": "progressing", "step": 2, "run": 1,
            "served": {"weight": 2500}}},
    });
    let (asked, program) = (folder.join("asked"), folder.join("kubectl"));
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> {asked}\ncase \"$*\" in\n*userInfo*) cat > /dev/null; printf ben;;\n*create*) cat >> {asked};;\n*get*) echo '{rollout}';;\nesac\n",
        asked = asked.display(),
    );
    std::fs::write(&program, script).expect("the temporary folder is writable");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))
        .expect("the temporary folder is writable");
    let path = format!("{}:/usr/bin:/bin", folder.display());
    move |arguments| {
        let _ = std::fs::remove_file(&asked);
        let output = aforo(&[&["rollout"], arguments].concat()).env("PATH", &path).output().expect("the binary starts");
        (output, std::fs::read_to_string(&asked).unwrap_or_default())
    }
}

#[cfg(unix)]
#[test]
fn rollouts_that_the_operator_drives_are_told_approved_ended_and_begun_again_through_kubectl() {
    let folder = tempfile::tempdir().unwrap();
    let kubectl = kubectl(folder.path());
    let (output, _) = kubectl(&["status", "--to", "kubernetes:customs", "second"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("second ") && text.contains("step 3/3  25 %  one more"), "{text}");

    let (output, asked) = kubectl(&["approve", "--to", "kubernetes:customs", "second", "--reason", "it is in"]);
    assert!(output.status.success(), "{output:?}");
    for word in
        [r#""approver":"ben""#, r#""step":2"#, r#""run":1"#, r#""purpose":"step""#, "--namespace customs create"]
    {
        assert!(asked.contains(word), "{word}: {asked}");
    }
    let (_, asked) = kubectl(&["abort", "--to", "kubernetes:", "second", "--reason", "withdrawn"]);
    assert!(
        asked.starts_with(r#"patch modelrollouts.aforo.io second --type merge --patch {"spec":{"abort":"withdrawn"}}"#),
        "{asked}"
    );
    let (_, asked) = kubectl(&["retry", "--to", "kubernetes:", "second", "--nonce", "2"]);
    assert!(asked.contains(r#""retryNonce":"2""#) && asked.contains(r#""abort":null"#), "{asked}");

    let file = folder.path().join("rollout.json");
    std::fs::write(&file, "{}").unwrap();
    let (output, _) = kubectl(&["start", "--to", "kubernetes:", file.to_str().unwrap()]);
    assert!(!output.status.success() && String::from_utf8(output.stderr).unwrap().contains("ModelRollout"));
}
