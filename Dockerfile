# FlexBridge as a container image; docs/containers.md says how to run it.
#
# The current LTS line by Node's schedule (26, since 2026-10-28) on Debian stable; .ci/lts runs the suite with the release
# written here. Not 24.19 to 24.21: what is compiled with their headers aborts (https://github.com/nodejs/node/issues/65446).
ARG NODE_RELEASE=26.10

FROM node:${NODE_RELEASE}-trixie AS build
WORKDIR /build
# better-sqlite3 is compiled from the source that package-lock.json holds the checksum of, with the headers of this image.
ENV npm_config_build_from_source=true \
    npm_config_nodedir=/usr/local
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
RUN node_modules/.bin/tsc -p tsconfig.json \
 && rm dist/.tsbuildinfo \
 && chmod 0755 dist/main.js
# What compiling leaves behind is three times as large as what runs.
RUN npm prune --omit=dev --no-audit --no-fund \
 && rm -r node_modules/better-sqlite3/deps node_modules/better-sqlite3/src \
 && find node_modules/better-sqlite3/build -type f ! -name better_sqlite3.node -delete

FROM node:${NODE_RELEASE}-trixie-slim AS runtime
LABEL org.opencontainers.image.title="FlexBridge" \
      org.opencontainers.image.description="Microsoft Defender detections for the ArcSight FlexConnector REST" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 flexbridge \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin flexbridge \
 && install -d -o 10001 -g 10001 -m 0700 /data \
 && install -d /etc/flexbridge \
 && ln -s /app/dist/main.js /usr/local/bin/flexbridge
COPY LICENSE /app/
COPY --from=build /build/package.json /app/
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
# All that is written goes below /data; a flexbridge.yaml in the working directory is read, and need not be there.
ENV FLEXBRIDGE_STORE__PATH=/data/flexbridge.db \
    FLEXBRIDGE_SERVER__HOST=0.0.0.0
WORKDIR /etc/flexbridge
VOLUME /data
EXPOSE 8443
USER 10001:10001
STOPSIGNAL SIGTERM
# Asks /livez over TLS verified with the bridge's own CA, at the port that the configuration gives. No part of --help.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "--input-type=module", "--eval", "import { healthcheck } from '/app/dist/cli/healthcheck.js'; process.exitCode = await healthcheck({}, { err: console.error });"]
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
