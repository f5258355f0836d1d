# The runner's image: docs/image.md says how it is built, checked and run.

ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG HELM_IMAGE=docker.io/alpine/helm
# Of tag 4.3.0. A new version is this line and the tag above it.
ARG HELM_DIGEST=sha256:a6cf54599ccb99d90cf0712b30f03fdb3cab062e6b94e0418cc4db7e8a1464b2

FROM ${HELM_IMAGE}@${HELM_DIGEST} AS helm

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# The secrets are for private registries and for networks with an authority of their own; without them npm does as it always does.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca \
    npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/build.js scripts/
COPY kubernetes kubernetes
COPY runner runner
COPY sandbox sandbox
RUN node scripts/build.js dist
# `npm sbom --omit dev` leaves out what development and the program have in common, so all that is for development goes before.
RUN npm prune --omit dev --ignore-scripts && npm pkg delete devDependencies && npm sbom --sbom-format spdx > sbom.spdx.json

FROM ${NODE_IMAGE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
    && rm -rf /var/lib/apt/lists/* \
    # Nothing is installed where it runs: npm and its like would only be something to keep up to date.
    && rm -rf /usr/local/lib/node_modules /usr/local/include /opt/yarn* \
    && rm -f /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
    # ssh refuses to work for a user without a name.
    && groupadd --gid 65532 fieldtrial \
    && useradd --uid 65532 --gid 65532 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin fieldtrial \
    # Setup Jobs call the program by its name.
    && ln -s /opt/fieldtrial/bin/fieldtrial.js /usr/local/bin/fieldtrial
COPY --from=helm /usr/bin/helm /usr/local/bin/helm
COPY LICENSE package.json /opt/fieldtrial/
COPY charts/prometheus /opt/fieldtrial/charts/prometheus
COPY --chmod=755 bin/fieldtrial.js /opt/fieldtrial/bin/
COPY --from=build /build/sbom.spdx.json /opt/fieldtrial/
COPY --from=build /build/dist /opt/fieldtrial/dist

# /tmp is all that is ever written, and a pod mounts a volume there. A compile cache would begin empty in each pod and cost more than it
# saves; docs/performance.md tells of the other setting.
ENV HOME=/tmp \
    NODE_OPTIONS=--max-semi-space-size=8 \
    NODE_DISABLE_COMPILE_CACHE=1
WORKDIR /tmp
USER 65532:65532
ENTRYPOINT ["node", "/opt/fieldtrial/bin/fieldtrial.js"]
CMD ["--help"]

# Last, so that a new version alone builds nothing again.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="fieldtrial" \
      org.opencontainers.image.description="Finds better settings for the software a team runs on Kubernetes, from a merged pull request" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim"
