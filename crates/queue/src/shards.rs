//! Offices whose declarations are decided apart from all others: by the settings of every process, or told to all of them
//! while they run. What the settings say wins.

use customs::OfficeCode;
use events::Service;
use serde::{Deserialize, Serialize};

use crate::{QueueError, Settings, Stream};

/// Offices with a stream of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shard {
    /// The number of the stream, from 1 on.
    pub shard: u16,
    /// The offices by their codes.
    #[serde(default)]
    pub offices: Vec<String>,
    /// And all whose code begins so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

impl Shard {
    fn has(&self, office: &str) -> bool {
        self.offices.iter().any(|own| own == office)
            || self.prefix.as_ref().is_some_and(|prefix| !prefix.is_empty() && office.starts_with(prefix))
    }
}

/// All shards: those of the settings, and those that were told.
#[derive(Clone, Debug, Default)]
pub struct Shards {
    fixed: Vec<Shard>,
    told: Vec<Shard>,
}

impl Shards {
    /// Those of the settings.
    pub fn of(settings: &Settings) -> Self {
        let fixed = settings.shards.iter().zip(1..).map(|(offices, shard)| Shard {
            shard,
            offices: offices.clone(),
            prefix: None,
        });
        Self { fixed: fixed.collect(), told: Vec::new() }
    }

    /// Those of the settings.
    pub fn fixed(&self) -> &[Shard] {
        &self.fixed
    }

    /// The same with these beside. Refuses a number that the settings use, or that stands twice.
    pub fn with(&self, told: Vec<Shard>) -> Result<Self, QueueError> {
        let fixed = &self.fixed;
        for (at, shard) in told.iter().enumerate() {
            let before = fixed.iter().chain(&told[..at]).any(|other| other.shard == shard.shard);
            if shard.shard == 0 || before {
                let reason = format!("shard {} is that of all others, of the settings, or stands twice", shard.shard);
                return Err(QueueError::Settings(reason));
            }
        }
        Ok(Self { fixed: fixed.clone(), told })
    }

    /// Where a message about `office` goes that is on its way to `stream`: declarations to decide have shards, and
    /// nothing else.
    pub fn place(&self, stream: Stream, office: Option<&OfficeCode>) -> Stream {
        if stream != Stream::of(Service::Scoring) {
            return stream;
        }
        let Some(office) = office else { return stream };
        let shard = self.fixed.iter().chain(&self.told).find(|shard| shard.has(office.as_str()));
        shard.map_or(stream, |shard| Stream { shard: shard.shard, ..stream })
    }

    /// Every stream that there is.
    pub fn streams(&self) -> Vec<Stream> {
        let shards = self.fixed.iter().chain(&self.told);
        let shards = shards.map(|shard| Stream { subscriber: Service::Scoring, shard: shard.shard });
        Service::ALL.into_iter().map(Stream::of).chain(shards).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(shard: u16, offices: &[&str], prefix: Option<&str>) -> Shard {
        let offices = offices.iter().map(|office| (*office).to_owned()).collect();
        Shard { shard, offices, prefix: prefix.map(str::to_owned) }
    }

    #[test]
    fn declarations_of_an_office_with_a_shard_go_there_and_nothing_else_does() {
        let shards = vec![vec!["118".to_owned()], vec!["235".to_owned(), "046".to_owned()]];
        let settings = Settings { shards, ..Settings::default() };
        let shards = Shards::of(&settings);
        let scoring = Stream::of(Service::Scoring);
        let place = |shards: &Shards, office: &str| shards.place(scoring, Some(&office.into())).shard;
        assert_eq!([place(&shards, "118"), place(&shards, "046"), place(&shards, "1")], [1, 2, 0]);
        assert_eq!(shards.place(scoring, None).shard, 0);
        let controls = Stream::of(Service::ControlsTracking);
        assert_eq!(shards.place(controls, Some(&"118".into())), controls);
        assert_eq!(shards.streams().len(), Service::ALL.len() + 2);

        let more = shards.with(vec![told(7, &["9", "118"], None), told(3, &[], Some("T"))]).unwrap();
        assert_eq!(["9", "T01", "118", "S"].map(|office| place(&more, office)), [7, 3, 1, 0], "the settings win");
        assert_eq!(more.streams().len(), Service::ALL.len() + 4);
        assert_eq!(place(&more.with(Vec::new()).unwrap(), "9"), 0, "what is told replaces what was told");
    }

    #[test]
    fn a_number_that_is_taken_is_refused() {
        let settings = Settings { shards: vec![vec!["118".to_owned()]], ..Settings::default() };
        let shards = Shards::of(&settings);
        for wrong in [vec![told(0, &["9"], None)], vec![told(1, &["9"], None)], vec![told(2, &[], None); 2]] {
            assert!(matches!(shards.with(wrong), Err(QueueError::Settings(_))));
        }
    }
}
