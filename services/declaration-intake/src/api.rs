//! The routes: views, handlers and their documentation, one file per resource.

mod amendments;
mod bulk;
mod cancellation;
mod channels;
mod declarations;
mod erasures;
pub(crate) mod examples;
mod history;
mod movements;
pub(crate) mod views;
mod webhooks;

use rest::ServiceConfig;

rest::roles!(pub(crate) Lodgers = CustomsSystem);
rest::roles!(pub(crate) Followers = CustomsSystem | Supervisor | Auditor | Service);
rest::roles!(pub(crate) Receivers = CustomsSystem | Auditor);
rest::roles!(pub(crate) Historians = ModelManager);
rest::roles!(pub(crate) Protectors = DataProtection);

/// Every route of this service. The state is added by [`Service::routes`](crate::Service::routes).
pub(crate) fn mount(config: &mut ServiceConfig<'_>) {
    config
        .service(bulk::create)
        .service(declarations::create)
        .service(declarations::read)
        .service(amendments::create)
        .service(cancellation::create)
        .service(movements::arrive)
        .service(movements::present)
        .service(movements::release)
        .service(movements::bulk)
        .service(channels::list)
        .service(history::create)
        .service(webhooks::list)
        .service(webhooks::create)
        .service(webhooks::read)
        .service(webhooks::delete)
        .service(webhooks::replay)
        .service(webhooks::dead_letters)
        .service(erasures::create)
        .service(erasures::read);
}
