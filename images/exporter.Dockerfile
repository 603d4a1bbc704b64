# The meters of one host: what `pip install 'mixdesk[exporter]'` gives, and a user of its own.
#
#     docker build -f images/exporter.Dockerfile -t mixdesk-exporter .
#
# It stands alone: on hosts without a desk it is all that runs (docs/compose.md says how).
ARG BASE=python:3.13.16-slim-trixie

FROM ${BASE} AS build
ARG PIP_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY instrumentation instrumentation
COPY exporter exporter
COPY control control
COPY examples/voice examples/voice
COPY docs/runbooks docs/runbooks
RUN python3 -m venv --without-pip /opt/mixdesk \
 && python3 -m venv /pip \
 && /pip/bin/pip --python /opt/mixdesk/bin/python install --no-compile '.[exporter]' \
 && /opt/mixdesk/bin/python -m compileall -q /opt/mixdesk/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="Mixdesk exporter" \
      org.opencontainers.image.description="The meters of one host for Prometheus and the desk." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/mixdesk /opt/mixdesk
# The engine's socket is looked for at its usual place; the filter's is in a folder that is mounted.
RUN ln -s /run/mixdesk-docker/docker.sock /run/docker.sock
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1
USER 10771:10771
EXPOSE 9771
ENTRYPOINT ["/opt/mixdesk/bin/mixdesk"]
CMD ["exporter", "--host", "0.0.0.0", "--procfs", "/host/proc", "--sysfs", "/host/sys", "--rootfs", "/host"]
