FROM python:3.12-slim AS packages
RUN python -m venv /venv
COPY config/locks/run.txt /tmp/run.txt
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r /tmp/run.txt

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 slotline && install -d -o slotline /srv/outbox /srv/media
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production
COPY --from=packages /venv /venv
WORKDIR /srv/slotline
COPY . .
# Compiled here: the user below may write nothing, and every container reads the same modules as it starts.
RUN python -m compileall -q .
# The settings want a complete environment; nothing here is used for anything but collecting files.
RUN SECRET_KEY=only-while-the-image-is-made-and-never-to-sign-anything-real ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgresql://nobody@localhost/nothing REDIS_URL=redis://localhost \
    python manage.py collectstatic --no-input
USER slotline
# The planner's inner loops, compiled here and not while somebody waits. On another processor a worker that makes plans
# starts the same command beside its work.
RUN SECRET_KEY=only-while-the-image-is-made-and-never-to-sign-anything-real ALLOWED_HOSTS=localhost \
    DATABASE_URL=postgresql://nobody@localhost/nothing REDIS_URL=redis://localhost \
    python manage.py compile_planner --hurry
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", "--no-access-log", \
     "--no-proxy-headers"]
