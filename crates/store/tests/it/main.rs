//! The store against its contract, on files, in memory, and on `PostgreSQL` where the environment names one.

mod file {
    testkit::store_contract!({
        let home = testkit::Home::of_files();
        Some((store::Settings::file(home.path().join("sub/test.db")), home))
    });
}

mod memory {
    testkit::store_contract!(Some((store::Settings::default(), ())));
}

mod postgres;

mod opening;
