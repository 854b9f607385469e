# PostgreSQL from Debian's packages, with as much of the official image's manners as ours rely on.
ARG DEBIAN_IMAGE
FROM ${DEBIAN_IMAGE}
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p /var/lib/postgresql/data && chown postgres /var/lib/postgresql/data \
    && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/
COPY postgres_entrypoint.sh /usr/local/bin/
USER postgres
ENTRYPOINT ["postgres_entrypoint.sh"]
