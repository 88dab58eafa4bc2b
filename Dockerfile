# Two images from one file: `aforo`, every service and every verb, and `rollout-operator`.
#   docker build --target aforo .                  builds the binaries from source, on Debian 12
#   cargo xtask images                             builds them once on this machine, and packs them
# With BINARIES=host the build context holds the binaries in `out/`, which `cargo xtask images` sees to.
ARG BASE=gcr.io/distroless/cc-debian12:nonroot
ARG BINARIES=source

FROM rust:1.95-slim-bookworm AS source
RUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
WORKDIR /aforo
COPY . .
RUN cargo build --profile image --locked --package all-in-one --bin aforo --package rollout-operator --bin rollout-operator \
    && mkdir -p /out/data && cp target/image/aforo target/image/rollout-operator /out/

FROM scratch AS host
COPY out/ /out/

FROM ${BINARIES} AS binaries

FROM ${BASE} AS aforo
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="aforo" \
      org.opencontainers.image.description="Decides which goods customs examines, and learns from what officers find" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=binaries /out/aforo /usr/local/bin/aforo
# A volume that is mounted here belongs to the user of the image.
COPY --from=binaries --chown=65532:65532 /out/data /data
ENV AFORO_DATA=/data PATH=/usr/local/bin:/usr/bin:/bin
VOLUME /data
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/aforo"]

FROM ${BASE} AS rollout-operator
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rollout-operator" \
      org.opencontainers.image.description="Moves Aforo's models on Kubernetes, and scales scoring per port" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=binaries /out/rollout-operator /usr/local/bin/rollout-operator
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/rollout-operator"]
