//! What the demo reports.

use serde_json::Value;

use crate::support::{report, run, small_demo, without_timing};

#[test]
fn the_report_has_every_promised_figure_and_the_same_seed_gives_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let more = ["--report", page.to_str().unwrap()];
    let first = report(&run(&small_demo(&folder.path().join("a"), "3", &more)));
    for pointer in [
        "/declarations",
        "/seconds",
        "/cpuSeconds",
        "/declarationsPerSecond",
        "/channels/green",
        "/channels/orange",
        "/channels/red",
        "/capacityErrorMax",
        "/overruns",
        "/detections/system",
        "/detections/random",
        "/detections/filters",
        "/detections/table",
        "/detections/oracle",
        "/additionalDuty/system",
        "/additionalDuty/random",
        "/additionalDuty/filters",
        "/additionalDuty/table",
        "/additionalDuty/oracle",
        "/lift",
        "/ratioToTable",
        "/shareOfOracle",
        "/bayesAuc",
        "/greenNonCompliance/truth",
        "/greenNonCompliance/n",
        "/undetectedShare",
        "/findingRateByMonth/0/rate",
        "/timeToChannelMs/median",
        "/timeToChannelMs/p99",
        "/seed",
    ] {
        assert!(first.pointer(pointer).is_some_and(Value::is_number), "{pointer} is missing in {first}");
    }
    assert!(first["greenNonCompliance"].get("estimate").is_some());
    assert_eq!(first["overruns"], 0);
    let lodged = first["declarations"].as_u64().unwrap();
    let told: u64 = ["green", "orange", "red"].iter().map(|channel| first["channels"][channel].as_u64().unwrap()).sum();
    assert_eq!(told, lodged, "every declaration has exactly one channel");
    assert!((700..1_100).contains(&lodged), "{lodged} declarations");

    let html = std::fs::read_to_string(&page).unwrap();
    assert!(html.contains("<svg") && !html.contains("<script") && !html.contains("src="));

    let second = report(&run(&small_demo(&folder.path().join("b"), "3", &more)));
    assert_eq!(without_timing(first), without_timing(second));
}
