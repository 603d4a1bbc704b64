# The desk: what `pip install 'mixdesk[control]'` gives, on a Python without build tools, as a user of its own.
#
#     make admin                                  # the web page; without it the image has the small one
#     docker build -f images/desk.Dockerfile -t mixdesk-desk .
#
# An index of your own: --build-arg PIP_INDEX_URL=https://...; give none with a password, build arguments can be read.
ARG BASE=python:3.13.16-slim-trixie

FROM ${BASE} AS build
ARG PIP_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY instrumentation instrumentation
COPY exporter exporter
# with the built page, where `make admin` has made it before: there is no Node in here
COPY control control
COPY examples/voice examples/voice
COPY docs/runbooks docs/runbooks
RUN python3 -m venv --without-pip /opt/mixdesk \
 && python3 -m venv /pip \
 && /pip/bin/pip --python /opt/mixdesk/bin/python install --no-compile '.[control]' \
 && /opt/mixdesk/bin/python -m compileall -q /opt/mixdesk/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="Mixdesk desk" \
      org.opencontainers.image.description="Jobs, assets and logs of one host: meters and faders." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/mixdesk /opt/mixdesk
COPY images/desk.sh /usr/local/bin/mixdesk
# Volumes are made with the owner and mode that their folders have here.
RUN mkdir -m 0755 /etc/mixdesk /var/lib/mixdesk-targets && mkdir -m 0700 /var/lib/mixdesk \
 && chown 10770:10770 /var/lib/mixdesk /var/lib/mixdesk-targets && chmod 0755 /usr/local/bin/mixdesk \
 && ln -s /run/mixdesk-docker/docker.sock /run/docker.sock
ENV MIXDESK_STATE_DIR=/var/lib/mixdesk HOME=/tmp PYTHONDONTWRITEBYTECODE=1
# commands find mixdesk.toml, which is mounted here
WORKDIR /etc/mixdesk
USER 10770:10770
EXPOSE 9770
ENTRYPOINT ["mixdesk"]
CMD ["up", "--config", "/etc/mixdesk/mixdesk.toml", "--no-exporter"]
