//! The store against its contract, on files and in memory.

mod file {
    testkit::store_contract!({
        let directory = tempfile::tempdir().unwrap();
        (store::Settings::file(directory.path().join("sub/test.db")), directory)
    });
}

mod memory {
    testkit::store_contract!((store::Settings::default(), ()));
}

mod opening;
