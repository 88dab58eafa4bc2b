//! What a trader is told when a decision comes: once told, automation may only raise control.
//!
//! Beside the selection's orders stand those that a person or a rule added later: documents or an image that asked for
//! the goods (an escalation, which raises the channel), or a control outside the ordinary course (extraordinary, which
//! leaves the channel as it is). No later selection takes them back.

use customs::{Channel, ControlOrder, Extent, Method};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A control that was ordered: what a customs system must arrange, never why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// How.
    pub method: Method,
    /// How much.
    pub extent: Extent,
}

impl From<&ControlOrder> for Order {
    fn from(order: &ControlOrder) -> Self {
        Self { method: order.method, extent: order.extent.clone() }
    }
}

/// Why a channel is what was told. Of the grounds of a selection it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// It was selected so.
    Selection,
    /// No decision came in time.
    FailSafe,
    /// A control's result asked for a wider one.
    Escalation,
    /// A control was ordered outside the ordinary course.
    Extraordinary,
}

impl Reason {
    /// The wire name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Selection => "selection",
            Self::FailSafe => "failSafe",
            Self::Escalation => "escalation",
            Self::Extraordinary => "extraordinary",
        }
    }

    /// The reason of a wire name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let all = [Self::Selection, Self::FailSafe, Self::Escalation, Self::Extraordinary];
        all.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// An order beside the selection's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Added {
    pub(crate) order: Order,
    /// Whether it raises the channel.
    pub(crate) raises: bool,
}

/// The channel that a method of examination belongs to.
fn channel_of(method: Method) -> Channel {
    match method {
        Method::Physical | Method::LaboratorySample => Channel::Red,
        Method::Documentary => Channel::Orange,
        Method::Scan | Method::Audit => Channel::Green,
    }
}

/// `channel` with `orders`, and what was added to them.
pub(crate) fn compose(channel: Channel, mut orders: Vec<Order>, added: &[Added]) -> (Channel, Vec<Order>) {
    let mut channel = channel;
    for one in added {
        if one.raises {
            channel = channel.max(channel_of(one.order.method));
        }
        if !orders.contains(&one.order) {
            orders.push(one.order.clone());
        }
    }
    (channel, orders)
}

/// What the fail-safe channel orders.
pub(crate) fn fail_safe_orders(channel: Channel) -> Vec<Order> {
    let method = match channel {
        Channel::Green => return Vec::new(),
        Channel::Orange => Method::Documentary,
        Channel::Red => Method::Physical,
    };
    vec![Order { method, extent: Extent::Full }]
}

/// What is known of a declaration when a decision about it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The version in force.
    pub(crate) version: u32,
    pub(crate) cancelled: bool,
    /// What was told, and for which version.
    pub(crate) told: Option<(Channel, u32)>,
}

/// What becomes of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Telling {
    /// It is told.
    Tell,
    /// It is only recorded, for this reason.
    Supersede(Superseded),
}

/// Why a decision is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Superseded {
    /// The declaration was withdrawn.
    Cancelled,
    /// A later version was decided before.
    OlderVersion,
    /// It is lower than what was told.
    Lower,
    /// The same channel was told before for this version: by the fail-safe, or at an earlier decision point.
    Told,
}

impl Superseded {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::OlderVersion => "older-version",
            Self::Lower => "lower",
            Self::Told => "told",
        }
    }
}

/// What becomes of a decision for `channel` about `version`.
pub(crate) fn tell(standing: Standing, version: u32, channel: Channel) -> Telling {
    if standing.cancelled {
        return Telling::Supersede(Superseded::Cancelled);
    }
    let Some((told, told_version)) = standing.told else { return Telling::Tell };
    if version < told_version {
        return Telling::Supersede(Superseded::OlderVersion);
    }
    if channel < told {
        return Telling::Supersede(Superseded::Lower);
    }
    if channel == told && version == told_version {
        return Telling::Supersede(Superseded::Told);
    }
    Telling::Tell
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn standing(told: Option<(Channel, u32)>) -> Standing {
        Standing { version: 2, cancelled: false, told }
    }

    #[test]
    fn first_decision_is_told_whatever_it_is() {
        for channel in Channel::ALL {
            assert_eq!(tell(standing(None), 1, channel), Telling::Tell);
        }
    }

    #[test]
    fn later_decision_is_told_when_it_raises_and_recorded_when_not() {
        let told = standing(Some((Channel::Orange, 1)));
        assert_eq!(tell(told, 1, Channel::Red), Telling::Tell);
        assert_eq!(tell(told, 1, Channel::Orange), Telling::Supersede(Superseded::Told));
        assert_eq!(tell(told, 1, Channel::Green), Telling::Supersede(Superseded::Lower));
        assert_eq!(tell(told, 2, Channel::Orange), Telling::Tell);
        assert_eq!(tell(told, 2, Channel::Green), Telling::Supersede(Superseded::Lower));
    }

    #[test]
    fn what_was_added_stands_beside_whatever_is_selected() {
        let order = |method| Order { method, extent: Extent::Full };
        let escalated = Added { order: order(Method::Physical), raises: true };
        let extraordinary = Added { raises: false, ..escalated.clone() };
        let documents = vec![order(Method::Documentary)];
        let both = vec![order(Method::Documentary), order(Method::Physical)];
        assert_eq!(compose(Channel::Orange, documents.clone(), std::slice::from_ref(&escalated)), (Channel::Red, both));
        let goods = vec![order(Method::Physical)];
        assert_eq!(
            compose(Channel::Red, goods.clone(), &[escalated, extraordinary.clone()]),
            (Channel::Red, goods.clone())
        );
        assert_eq!(compose(Channel::Green, Vec::new(), &[extraordinary]), (Channel::Green, goods));
        assert_eq!(compose(Channel::Orange, documents.clone(), &[]), (Channel::Orange, documents));
    }

    #[test]
    fn decision_about_an_older_version_or_a_withdrawn_declaration_is_only_recorded() {
        let told = standing(Some((Channel::Green, 2)));
        assert_eq!(tell(told, 1, Channel::Red), Telling::Supersede(Superseded::OlderVersion));
        let cancelled = Standing { cancelled: true, ..standing(None) };
        assert_eq!(tell(cancelled, 2, Channel::Red), Telling::Supersede(Superseded::Cancelled));
    }

    proptest! {
        #[test]
        fn whatever_comes_in_whatever_order_the_told_channel_never_falls(
            decisions in prop::collection::vec((1_u32..4, 0_usize..3), 1..12),
        ) {
            let mut now = Standing { version: 3, cancelled: false, told: None };
            for (version, channel) in decisions {
                let channel = Channel::ALL[channel];
                let before = now.told;
                if tell(now, version, channel) == Telling::Tell {
                    now.told = Some((channel, version));
                }
                prop_assert!(before.is_none_or(|before| now.told.is_some_and(|now| now.0 >= before.0)));
            }
        }
    }
}
