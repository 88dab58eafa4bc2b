# The one binary, for every service and every verb.
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
WORKDIR /aforo
COPY . .
RUN cargo build --release --locked --package all-in-one --bin aforo

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /data aforo
COPY --from=build /aforo/target/release/aforo /usr/local/bin/aforo
USER aforo
ENV AFORO_DATA=/data
VOLUME /data
ENTRYPOINT ["aforo"]
