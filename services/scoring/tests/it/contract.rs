use rest::contract;
use scoring::openapi;

use crate::world::World;

#[test]
fn the_document_tells_everything() {
    assert_eq!(contract::lint(&openapi()), Vec::<String>::new());
}

#[tokio::test]
async fn documented_roles_are_those_that_are_let_in() {
    let world = World::new().await;
    assert_eq!(contract::denials(&openapi(), world.service.routes()).await, Vec::<String>::new());
}
