//! Changes that `migrate` applies to existing data, and those that it refuses.
#![allow(clippy::unwrap_used)]

mod lake;

use batch::context::{Context, Settings};
use batch::migrate::migrate;
use lake::Lake;
use twinlake_lake::Catalog;
use twinlake_lake::state::{self, deployment::Definitions};
use twinlake_lake::store::{Metadata, Store};

/// The same lake under a bundle that was edited.
async fn redeployed(lake: &Lake, edit: impl Fn(String) -> String) -> Context {
    let bundle = lake.store.get("bundles/one.json").await.unwrap().unwrap();
    let edited = edit(String::from_utf8(bundle.bytes.to_vec()).unwrap());
    lake.store
        .put("bundles/two.json", edited, Metadata::new(), 0);
    let settings = Settings {
        bundle: "bundles/two.json".into(),
        ..lake.context.settings.clone()
    };
    Context::load(settings, lake.context.services.clone())
        .await
        .unwrap()
}

#[tokio::test]
async fn migrating_again_keeps_what_the_views_have_published() {
    let lake = Lake::new().await;
    lake.read(7, 100);
    lake.settle();
    lake.tick().await.unwrap();
    let published = lake.published().await;
    migrate(&lake.context).await.unwrap();
    assert_eq!(lake.published().await, published);
    for name in ["events", "_rejected", "activity__batch", "activity__speed"] {
        assert!(lake.catalog.table(name).await.unwrap().is_some(), "{name}");
    }
}

#[tokio::test]
async fn another_bundle_of_the_same_meaning_takes_the_place_of_the_old_one() {
    let lake = Lake::new().await;
    let context = redeployed(&lake, |bundle| {
        bundle.replace("GROUP BY deviceid", "GROUP  BY  deviceid")
    })
    .await;
    migrate(&context).await.unwrap();
    let definitions = state::read::<Definitions>(&*lake.store, &context.layout().definitions())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(definitions.value.definitions.len(), 1);
    assert_eq!(definitions.value.definitions[0].bundle, "bundles/two.json");
}

#[tokio::test]
async fn a_changed_view_is_refused() {
    let lake = Lake::new().await;
    let context = redeployed(&lake, |bundle| bundle.replace("COUNT(*)", "MAX(temp)")).await;
    let error = migrate(&context).await.unwrap_err().to_string();
    assert!(
        error.contains("were added, removed or changed (activity"),
        "{error}"
    );
    let error = batch::reconciler::reconcile(&context, None, i64::MAX)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("run `terraform apply`"), "{error}");
}

#[tokio::test]
async fn a_changed_decode_is_refused_by_migrate_and_by_every_tick() {
    let lake = Lake::new().await;
    let context = redeployed(&lake, |bundle| {
        bundle.replace("type: double, required: true", "type: double")
    })
    .await;
    for result in [
        migrate(&context).await.map(|_| ()),
        batch::reconciler::reconcile(&context, None, i64::MAX)
            .await
            .map(|_| ()),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(
            error.contains("the columns or the format of pipeline thermostats have changed"),
            "{error}"
        );
    }
}
