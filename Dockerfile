# One image with two programs: `kopf run -m crontask_operator` and `crontask-api`.
#
# The base needs Python 3.11 or newer with venv, and glibc: every dependency is a wheel.
# Both stages take the same one, since a virtual environment refers to its interpreter.
ARG BASE=docker.io/library/python:3.13-slim-bookworm@sha256:01f42367a0a94ad4bc17111776fd66e3500c1d87c15bbd6055b7371d39c124fb

FROM ${BASE} AS build
WORKDIR /build
RUN python3 -m venv tools && python3 -m venv --without-pip /app

# In the order in which they change, so that a change of the code alone fetches nothing.
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN tools/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary=:all: -r requirements/build.txt \
    && tools/bin/pip --python /app/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary=:all: --no-compile -r requirements/runtime.txt

COPY pyproject.toml README.md LICENSE ./
COPY operator operator
COPY api api
# Compiled here, as nothing can be written there. The same sources give the same bytes: a
# compiled file holds a hash of its source, not the time of the build.
RUN tools/bin/pip wheel --no-cache-dir --disable-pip-version-check --quiet \
        --no-deps --no-build-isolation --wheel-dir wheels . \
    && tools/bin/pip --python /app/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-deps --no-compile wheels/*.whl \
    && /app/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /app/lib

FROM ${BASE}
LABEL org.opencontainers.image.title="CronTask" \
      org.opencontainers.image.description="Kubernetes operator for scheduled HTTP and gRPC callbacks." \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /app /app
# kopf asks for the name of its user, and the number below has none.
ENV PATH=/app/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    USER=crontask \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
# A number, so that kubelet can tell that it is not root.
USER 65532:65532
CMD ["kopf", "run", "-m", "crontask_operator", "--all-namespaces", "--liveness=http://0.0.0.0:8080/healthz"]
