# One image of everything that is ours: Airflow's services, MLflow, the API, stages, Vertex AI.
#
#   docker build --tag musicgen .                                    CPUs
#   docker build --tag musicgen:gpu --build-arg ACCELERATOR=gpu .    with CUDA's libraries
#   docker build --tag musicgen:dataproc --target dataproc .         Dataproc Serverless
#   docker build --target archive --output . .                       environment.tar.gz, Dataproc clusters
#
# A package index of your own is a secret, a file of `export PIP_INDEX_URL=…` lines, and leaves no
# trace in the image:  --secret id=index,src=FILE
ARG PYTHON_IMAGE=docker.io/library/python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS installer
ENV UV_LINK_MODE=copy UV_NO_PROGRESS=1 VIRTUAL_ENV=/opt/venv PATH=/opt/installer/bin:$PATH
WORKDIR /build
COPY bootstrap/uv.txt ./
RUN --mount=type=secret,id=index \
    if [ -f /run/secrets/index ]; then . /run/secrets/index; fi; \
    python3 -m venv /opt/installer && pip install --quiet --require-hashes -r uv.txt

FROM installer AS environment
ARG ACCELERATOR=cpu
COPY bootstrap/gpu.txt requirements.in requirements.txt ./
# What only development needs goes again, as do headers and static libraries: nothing compiles here.
RUN --mount=type=secret,id=index --mount=type=cache,target=/root/.cache \
    if [ -f /run/secrets/index ]; then . /run/secrets/index; fi; \
    python3 -m venv /opt/venv \
    && uv pip install --quiet ${PIP_INDEX_URL:+--default-index "$PIP_INDEX_URL"} \
        --require-hashes --compile-bytecode -r requirements.txt \
    && if [ "$ACCELERATOR" = gpu ]; then \
        uv pip install --quiet ${PIP_INDEX_URL:+--default-index "$PIP_INDEX_URL"} \
            --require-hashes --no-deps -r gpu.txt; fi \
    && sed -e '1,/^# development/d' -e 's/ *#.*//' requirements.in | xargs uv pip uninstall --quiet \
    && find /opt/venv -type d -path '*/tensorflow/include' -prune -exec rm -r {} + \
    && find /opt/venv -name '*.a' -delete

# What the listening page takes from npm; it plays without, if that cannot be had.
FROM ${PYTHON_IMAGE} AS page
WORKDIR /build
COPY bootstrap bootstrap
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=bootstrap
RUN --mount=type=secret,id=index \
    if [ -f /run/secrets/index ]; then . /run/secrets/index; fi; \
    python3 -m venv /opt/venv && pip install --quiet --require-hashes -r bootstrap/node.txt \
    && python3 -c "from page_scripts import install; install('/build', '/opt/venv', None)" \
    && mkdir -p /opt/venv/share/musicgen-studio

# On Dataproc Spark and Java come from Google, and ones of our own would stand in their way.
FROM installer AS environment-without-spark
COPY bootstrap/spark.txt ./
RUN --mount=type=secret,id=index --mount=type=cache,target=/root/.cache \
    if [ -f /run/secrets/index ]; then . /run/secrets/index; fi; \
    python3 -m venv --without-pip /opt/venv \
    && uv pip install --quiet ${PIP_INDEX_URL:+--default-index "$PIP_INDEX_URL"} \
        --require-hashes --compile-bytecode -r spark.txt
COPY musicgen /opt/venv/lib/python3.11/site-packages/musicgen

# A cluster unpacks this beside the job, and the environment finds the Python of Dataproc's image.
FROM environment-without-spark AS packed
ARG CLUSTER_PYTHON=/opt/conda/default/bin
RUN ln -sf ${CLUSTER_PYTHON}/python3.11 /opt/venv/bin/python3 \
    && sed -i "s|^home = .*|home = ${CLUSTER_PYTHON}|" /opt/venv/pyvenv.cfg \
    && tar -C /opt/venv -czf /environment.tar.gz .

FROM scratch AS archive
COPY --from=packed /environment.tar.gz /

FROM ${PYTHON_IMAGE} AS base
# Dataproc runs its containers as this user, by these numbers. Docker gives a new volume to the
# owner of the directory that it covers.
RUN groupadd --gid 1099 spark && useradd --uid 1099 --gid 1099 --create-home spark \
    && mkdir -p /airflow /bucket /mlflow /passwords /home/spark/var \
    && chown spark:spark /airflow /bucket /mlflow /passwords /home/spark/var
ARG GIT_SHA=unknown
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/airflow \
    MUSICGEN_HOME=/home/spark/var \
    MUSICGEN_GIT_SHA=${GIT_SHA} \
    MLFLOW_DISABLE_TELEMETRY=true
WORKDIR /opt/musicgen

FROM base AS dataproc
RUN apt-get update && apt-get install --yes --no-install-recommends procps tini \
    && rm -rf /var/lib/apt/lists/*
COPY --from=environment-without-spark /opt/venv /opt/venv
ENV PYSPARK_PYTHON=/opt/venv/bin/python
USER spark

FROM base AS musicgen
COPY --from=environment /opt/venv /opt/venv
COPY --from=page /opt/venv/share/musicgen-studio /opt/venv/share/musicgen-studio
COPY pyproject.toml README.md ./
COPY musicgen musicgen
COPY dags dags
COPY plugins plugins
COPY compose/*.py compose/
RUN pip install --quiet --no-index --no-deps --no-build-isolation --editable .
USER spark
CMD ["musicgen", "--help"]
